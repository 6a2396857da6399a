import { checkBoolean, checkInteger, checkObject, invalidWord } from '../../errors/argument-error.js';
import { IORING_FILE_INDEX_ALLOC } from '../flags/registered-files.js';
import { IORING_RECVSEND_POLL_FIRST } from '../flags/socket.js';
import { IOSQE_ASYNC, IOSQE_FIXED_FILE } from '../flags/sqe.js';
import { requireCount } from './check.js';

/** How any operation on a descriptor may be done. */
export interface EntryOptions {
  /** Goes to a worker thread of the kernel at once (IOSQE_ASYNC), for what is known to block. False by default. */
  readonly async?: boolean | undefined;
  /** The descriptor is the number of a registered file (IOSQE_FIXED_FILE). False by default. */
  readonly fixedFile?: boolean | undefined;
}

/** How bytes are received. */
export interface RecvEntryOptions extends EntryOptions {
  /** MSG_* bits. 0 by default. */
  readonly flags?: number | undefined;
  /**
   * Waits for the socket before it tries, where it is known that it would wait. Linked behind what a kernel worker does, as an
   * fsync, it rejects with EAGAIN unless it has `async` as well. Linux 5.19. False by default.
   */
  readonly pollFirst?: boolean | undefined;
}

/** Where the descriptor goes that an operation makes. */
export interface DirectOptions {
  /**
   * Puts the file among the registered files instead of making a descriptor: into a slot, where the result is 0, or
   * into a free one of the direct slots (`'alloc'`, Linux 6.0), where the result is its number. Linux 5.15.
   *
   * A file that is in the slot is replaced. Name direct slots only, from `slots` of the `FileTable` on: those in front are
   * for `add`, which does not know what was put there by other means, and replaces it.
   */
  readonly direct?: number | 'alloc' | undefined;
}

/** The IOSQE_* bits of options. */
export function sqeFlagsOf(options: EntryOptions): number {
  checkObject(options);
  const { async = false, fixedFile = false } = options;
  checkBoolean(async, 'options.async');
  checkBoolean(fixedFile, 'options.fixedFile');
  return (async ? IOSQE_ASYNC : 0) | (fixedFile ? IOSQE_FIXED_FILE : 0);
}

/** What the options of a receive or a send say, by the fields of the SQE. */
export function socketFieldsOf(options: RecvEntryOptions): { flags: number; ioprio: number; opFlags: number } {
  const flags = sqeFlagsOf(options);
  const { flags: opFlags = 0, pollFirst = false } = options;
  requireCount(opFlags, 'options.flags');
  checkBoolean(pollFirst, 'options.pollFirst');
  return { flags, ioprio: pollFirst ? IORING_RECVSEND_POLL_FIRST : 0, opFlags };
}

/** `file_index`: 0 for a descriptor, one more than the slot otherwise. */
export function fileIndexOf({ direct }: DirectOptions): number {
  if (direct === undefined) return 0;
  if (direct === 'alloc') return IORING_FILE_INDEX_ALLOC;
  if (typeof direct !== 'number') throw invalidWord('options.direct', ['alloc'], direct, 'of type string or number');
  checkInteger(direct, 'options.direct', 0, IORING_FILE_INDEX_ALLOC - 2);
  return direct + 1;
}

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** SOCK_* bits of a socket that is made. The kernel refuses close-on-exec for what is no descriptor. */
export function socketFlags(nonblock: boolean, fileIndex: number): number {
  return (nonblock ? SOCK_NONBLOCK : 0) | (fileIndex === 0 ? SOCK_CLOEXEC : 0);
}
