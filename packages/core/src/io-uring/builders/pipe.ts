import { constants } from 'node:fs';
import { flag } from '../../errors/argument-error.js';
import { Entry } from '../entry.js';
import { O_CLOEXEC } from '../flags/open.js';
import { IORING_OP_PIPE } from '../opcodes.js';
import { PipeResult, pipeStruct } from '../results/pipe-result.js';
import { requireResult } from './check.js';
import { type DirectOptions, type EntryOptions, fileIndexOf, sqeFlagsOf } from './options.js';

/** How a pipe is made. */
export interface PipeEntryOptions extends DirectOptions, Pick<EntryOptions, 'async'> {
  /** O_NONBLOCK on both ends. True by default, as for `pipe2` of `@polyring/sys`. */
  readonly nonblock?: boolean | undefined;
  /** Each write is read as a packet of its own (O_DIRECT). False by default. */
  readonly packets?: boolean | undefined;
}

/**
 * Makes a pipe, close-on-exec, as pipe2(2).
 *
 * Resolves to 0; `result` then has the descriptors, which are the caller's to close. With `direct` it has two slots
 * that follow each other. Linux 6.16; io_uring_enter(2), IORING_OP_PIPE.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function pipe(result: PipeResult, options: PipeEntryOptions = {}): Entry {
  requireResult(result, PipeResult, 'PipeResult');
  const flags = sqeFlagsOf(options);
  const fileIndex = fileIndexOf(options);
  const nonblock = flag(options, 'nonblock', true);
  const packets = flag(options, 'packets', false);
  return Entry.unsafe({
    opcode: IORING_OP_PIPE,
    flags,
    fd: 0,
    opFlags:
      (nonblock ? constants.O_NONBLOCK : 0) | (packets ? constants.O_DIRECT : 0) | (fileIndex === 0 ? O_CLOEXEC : 0),
    fileIndex,
    attached: { addr: pipeStruct(result) },
  });
}
