import { type RawFd, type SocketType, socketTypeNumber } from '@polyring/core';
import { native } from './binding.js';
import { flag } from './flag.js';
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
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EMFILE, ENFILE
 */
export function socketpair(options: SocketpairOptions = {}): [RawFd, RawFd] {
  const nonblock = flag(options, 'nonblock', true);
  const { type = 'stream' } = options;
  return succeededPair(native.socketpair(socketTypeNumber(type), nonblock), 'socketpair');
}
