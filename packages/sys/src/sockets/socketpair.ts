import { flag, type RawFd, type SocketType, socketTypeNumber } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeededPair } from '../addon/outcome.js';

/** What a socket pair carries. */
export interface SocketpairOptions {
  /** Default `stream`. */
  readonly type?: SocketType | undefined;
  /** O_NONBLOCK on both ends. Default true. */
  readonly nonblock?: boolean | undefined;
}

/**
 * Makes two connected unix sockets, close-on-exec (socketpair(2)).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; EMFILE, ENFILE
 */
export function socketpair(options: SocketpairOptions = {}): [RawFd, RawFd] {
  const nonblock = flag(options, 'nonblock', true);
  const { type = 'stream' } = options;
  return succeededPair(native.socketpair(socketTypeNumber(type), nonblock), 'socketpair');
}
