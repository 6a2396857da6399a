import { type RawFd, type SocketType, socketTypeNumber } from '@polyring/core';
import { native } from './binding.js';
import { succeededPair } from './outcome.js';

/** What a socket pair carries. */
export interface SocketpairOptions {
  /** Default `stream`. */
  readonly type?: SocketType;
  /** O_NONBLOCK on both ends. Default true. */
  readonly nonblock?: boolean;
}

/**
 * Makes two connected unix sockets, close-on-exec (socketpair(2)).
 *
 * @throws ERR_OUT_OF_RANGE for an unknown type; EMFILE, ENFILE
 */
export function socketpair(options: SocketpairOptions = {}): [RawFd, RawFd] {
  const type = socketTypeNumber(options.type ?? 'stream');
  return succeededPair(native.socketpair(type, options.nonblock !== false), 'socketpair');
}
