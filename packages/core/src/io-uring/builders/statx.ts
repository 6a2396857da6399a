import type { RawFd } from '../../values/raw-fd.js';
import { Entry } from '../entry.js';
import { AT_EMPTY_PATH, STATX_BASIC_STATS, STATX_BTIME } from '../flags/at.js';
import { IORING_OP_STATX } from '../opcodes.js';
import { StatxResult, statxStruct } from '../results/statx-result.js';
import { requireBits, requireFd, requireResult } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';
import { checkPath, type DirectoryOptions, dirfdOf, type Path } from './path.js';

/** What is asked of a file, and how. */
export interface StatxOptions extends DirectoryOptions, Pick<EntryOptions, 'async'> {
  /** STATX_* bits of what is wanted. STATX_BASIC_STATS and STATX_BTIME by default. */
  readonly mask?: number | undefined;
  /** AT_* bits. 0 by default. */
  readonly flags?: number | undefined;
}

/** The file of a descriptor, in a path's place. */
export interface StatxByFd {
  readonly fd: RawFd;
}

/**
 * Asks what a file is, as statx(2).
 *
 * Resolves to 0; `result` tells then. Rejects with ENOENT, EACCES and the others of statx(2), with `path`.
 * Linux 5.6; io_uring_enter(2), IORING_OP_STATX.
 *
 * @param target a path, or `{ fd }` for the file of a descriptor
 * @param result is filled when the promise resolves
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function statx(target: Path | StatxByFd, result: StatxResult, options: StatxOptions = {}): Entry {
  const sqeFlags = sqeFlagsOf(options);
  requireResult(result, StatxResult, 'StatxResult');
  const { mask = STATX_BASIC_STATS | STATX_BTIME, flags = 0 } = options;
  requireBits(mask, 'options.mask');
  requireBits(flags, 'options.flags');
  const fields = { opcode: IORING_OP_STATX, flags: sqeFlags, len: mask };
  if (typeof target === 'object' && target !== null && 'fd' in target) {
    requireFd(target.fd);
    const { struct } = checkPath('', 'target');
    const attached = { addr: struct, off: statxStruct(result) };
    return Entry.unsafe({ ...fields, fd: target.fd, opFlags: flags | AT_EMPTY_PATH, attached });
  }
  const { struct, text } = checkPath(target, 'target');
  const attached = { addr: struct, off: statxStruct(result) };
  return Entry.unsafe({ ...fields, fd: dirfdOf(options.dirfd), opFlags: flags, attached, path: text });
}
