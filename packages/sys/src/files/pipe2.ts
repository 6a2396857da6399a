import { flag, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeededPair } from '../addon/outcome.js';

/** How a pipe behaves. */
export interface PipeOptions {
  /** O_NONBLOCK on both ends. Default true. */
  readonly nonblock?: boolean | undefined;
  /** Packet mode: each write is read as one (O_DIRECT). Default false. */
  readonly direct?: boolean | undefined;
}

/**
 * Makes a pipe, close-on-exec (pipe2(2)).
 *
 * @returns the end to read from and the end to write to
 * @throws ERR_INVALID_ARG_TYPE; EMFILE, ENFILE
 */
export function pipe2(options: PipeOptions = {}): [readFd: RawFd, writeFd: RawFd] {
  return succeededPair(native.pipe2(flag(options, 'nonblock', true), flag(options, 'direct', false)), 'pipe2');
}
