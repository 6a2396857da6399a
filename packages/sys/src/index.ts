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
export * from './addon/addon-error.js';
export { addonError } from './addon/binding.js';
export * from './addon/load-addon.js';
export * from './arguments/view-range.js';
export * from './constants/epoll.js';
export * from './constants/inotify.js';
export * from './constants/socket-option.js';
export * from './descriptors/close.js';
export * from './descriptors/dup.js';
export * from './descriptors/fd-kind.js';
export * from './descriptors/open.js';
export * from './descriptors/own.js';
export * from './descriptors/pollable.js';
export * from './descriptors/reopen.js';
export * from './descriptors/status-flags.js';
export * from './events/eventfd.js';
export * from './events/inotify.js';
export * from './events/pidfd.js';
export { type SignalName, signalNumber } from './events/signal-name.js';
export * from './events/signalfd.js';
export * from './events/timerfd.js';
export * from './files/append.js';
export * from './files/fallocate.js';
export * from './files/fsync.js';
export * from './files/memfd.js';
export * from './files/pipe2.js';
export * from './files/read-write.js';
export * from './files/tee.js';
export * from './files/vectored.js';
export * from './polling/epoll.js';
export * from './polling/loop-watch.js';
export * from './polling/poll.js';
export * from './sockets/message.js';
export * from './sockets/send-receive.js';
export * from './sockets/socket.js';
export * from './sockets/socket-option.js';
export * from './sockets/socketpair.js';
