export {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  decodeSocketAddress,
  encodeSocketAddress,
  type InetAddress,
  type InetAddressInput,
  MAXIMUM_MESSAGE_FDS,
  MSG_CTRUNC,
  MSG_DONTROUTE,
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  type RawAddress,
  SOCKADDR_SIZE,
  type SocketAddress,
  type SocketAddressInput,
  type SocketFamily,
  type SocketType,
  type UnixAddress,
} from '@polyring/core';
export * from './append.js';
export { addonError } from './binding.js';
export * from './close.js';
export * from './constants/epoll.js';
export * from './constants/inotify.js';
export * from './constants/socket-option.js';
export * from './dup.js';
export * from './epoll.js';
export * from './eventfd.js';
export * from './fallocate.js';
export * from './fd-kind.js';
export * from './inotify.js';
export * from './load-addon.js';
export * from './loop-watch.js';
export * from './memfd.js';
export * from './message.js';
export * from './open.js';
export * from './own.js';
export * from './pidfd.js';
export * from './pipe2.js';
export * from './poll.js';
export * from './pollable.js';
export * from './read-write.js';
export * from './reopen.js';
export * from './send-receive.js';
export { signalNumber } from './signal-name.js';
export * from './signalfd.js';
export * from './socket.js';
export * from './socket-option.js';
export * from './socketpair.js';
export * from './status-flags.js';
export * from './tee.js';
export * from './timerfd.js';
export * from './vectored.js';
export * from './view-range.js';
