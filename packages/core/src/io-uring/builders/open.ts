import { checkInteger } from '../../errors/argument-error.js';
import { readStruct } from '../attachment.js';
import { Entry } from '../entry.js';
import { O_CLOEXEC } from '../flags/open.js';
import { IORING_OP_OPENAT, IORING_OP_OPENAT2 } from '../opcodes.js';
import { requireBits } from './check.js';
import { type DirectOptions, type EntryOptions, fileIndexOf, sqeFlagsOf } from './options.js';
import { checkPath, type DirectoryOptions, dirfdOf, type Path } from './path.js';

/** How a file is opened. */
export interface OpenatOptions extends DirectoryOptions, DirectOptions, Pick<EntryOptions, 'async'> {
  /** The permissions of a file that is made, less the umask. 0o666 by default. */
  readonly mode?: number | undefined;
}

/** How a file is opened by {@link openat2}. */
export interface Openat2Options extends OpenatOptions {
  /** RESOLVE_* bits: how the path is followed. 0 by default. */
  readonly resolve?: number | undefined;
}

const DEFAULT_MODE = 0o666;
const MAKES_FILE = 0o100 | 0o20000000;

/** `struct open_how`: flags, mode and resolve of 64 bits each. */
const OPEN_HOW_WORDS = 3;

/** The kernel refuses close-on-exec for what is no descriptor. */
function openFlags(flags: number, fileIndex: number): number {
  requireBits(flags, 'flags');
  return fileIndex === 0 ? flags | O_CLOEXEC : flags & ~O_CLOEXEC;
}

function modeOf(mode: number): number {
  checkInteger(mode, 'options.mode', 0, 0o7777);
  return mode;
}

/**
 * Opens a file, close-on-exec, as openat(2).
 *
 * Resolves to the descriptor, which is the caller's to close; also when the operation was aborted but won.
 * Rejects with ENOENT, EACCES, EEXIST, EMFILE and the others of openat(2), with `path`.
 * Linux 5.6; io_uring_enter(2), IORING_OP_OPENAT.
 *
 * @param flags O_* bits of `fs.constants`
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function openat(path: Path, flags: number, options: OpenatOptions = {}): Entry {
  const sqeFlags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  const fileIndex = fileIndexOf(options);
  return Entry.unsafe({
    opcode: IORING_OP_OPENAT,
    flags: sqeFlags,
    fd: dirfdOf(options.dirfd),
    len: modeOf(options.mode ?? DEFAULT_MODE),
    opFlags: openFlags(flags, fileIndex),
    fileIndex,
    attached: { addr: struct },
    path: text,
  });
}

/**
 * Opens a file, close-on-exec, and says how its path is followed, as openat2(2).
 *
 * Resolves and rejects as {@link openat}; with EXDEV or ELOOP where `resolve` forbids a step, with E2BIG never.
 * Linux 5.6; io_uring_enter(2), IORING_OP_OPENAT2.
 *
 * @param flags O_* bits of `fs.constants`; unknown ones are refused with EINVAL
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function openat2(path: Path, flags: number, options: Openat2Options = {}): Entry {
  const sqeFlags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  const fileIndex = fileIndexOf(options);
  const { resolve = 0 } = options;
  requireBits(resolve, 'options.resolve');
  const howFlags = openFlags(flags, fileIndex);
  // Unlike openat(2) it refuses a mode where no file is made.
  const mode = modeOf(options.mode ?? ((flags & MAKES_FILE) === 0 ? 0 : DEFAULT_MODE));
  const how = BigUint64Array.of(BigInt(howFlags >>> 0), BigInt(mode), BigInt(resolve));
  return Entry.unsafe({
    opcode: IORING_OP_OPENAT2,
    flags: sqeFlags,
    fd: dirfdOf(options.dirfd),
    len: OPEN_HOW_WORDS * BigUint64Array.BYTES_PER_ELEMENT,
    fileIndex,
    attached: { addr: struct, off: readStruct(new Uint8Array(how.buffer)) },
    path: text,
  });
}
