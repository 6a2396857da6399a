import { checkInteger, checkObject, flag } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry } from '../entry.js';
import { AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW } from '../flags/at.js';
import {
  IORING_OP_LINKAT,
  IORING_OP_MKDIRAT,
  IORING_OP_RENAMEAT,
  IORING_OP_SYMLINKAT,
  IORING_OP_UNLINKAT,
} from '../opcodes.js';
import { requireBits } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';
import { checkPath, type DirectoryOptions, dirfdOf, type Path } from './path.js';

/** How a name is removed. */
export interface UnlinkatOptions extends DirectoryOptions, Pick<EntryOptions, 'async'> {
  /** Removes an empty directory, as rmdir(2). False by default. */
  readonly directory?: boolean | undefined;
}

/** How a directory is made. */
export interface MkdiratOptions extends DirectoryOptions, Pick<EntryOptions, 'async'> {
  /** The permissions, less the umask. 0o777 by default. */
  readonly mode?: number | undefined;
}

/** Where a symbolic link is made. */
export interface SymlinkatOptions extends DirectoryOptions, Pick<EntryOptions, 'async'> {}

/** Where two relative paths start. */
export interface TwoDirectoriesOptions extends Pick<EntryOptions, 'async'> {
  /** A descriptor of the directory that the old path starts in. The current directory by default. */
  readonly oldDirfd?: RawFd | undefined;
  /** A descriptor of the directory that the new path starts in. The current directory by default. */
  readonly newDirfd?: RawFd | undefined;
}

/** How a file is renamed. */
export interface RenameatOptions extends TwoDirectoriesOptions {
  /** RENAME_* bits. 0 by default. */
  readonly flags?: number | undefined;
}

/** How a hard link is made. */
export interface LinkatOptions extends TwoDirectoriesOptions {
  /** Links what a symbolic link points to, rather than the symbolic link. False by default. */
  readonly follow?: boolean | undefined;
  /** Lets an empty old path stand for the file of `oldDirfd`. False by default. */
  readonly emptyPath?: boolean | undefined;
}

/** An operation on two paths. */
function twoPaths(
  opcode: number,
  oldPath: Path,
  newPath: Path,
  options: TwoDirectoriesOptions,
  opFlags: number,
): Entry {
  const flags = sqeFlagsOf(options);
  const from = checkPath(oldPath, 'oldPath');
  const to = checkPath(newPath, 'newPath');
  return Entry.unsafe({
    opcode,
    flags,
    fd: dirfdOf(options.oldDirfd, 'options.oldDirfd'),
    len: dirfdOf(options.newDirfd, 'options.newDirfd'),
    opFlags,
    attached: { addr: from.struct, off: to.struct },
    path: from.text,
    dest: to.text,
  });
}

/**
 * Removes a name, or with `directory` an empty directory, as unlinkat(2).
 *
 * Resolves to 0. Rejects with ENOENT, EISDIR, ENOTEMPTY and the others of unlink(2), with `path`.
 * Linux 5.11; io_uring_enter(2), IORING_OP_UNLINKAT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function unlinkat(path: Path, options: UnlinkatOptions = {}): Entry {
  const flags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  return Entry.unsafe({
    opcode: IORING_OP_UNLINKAT,
    flags,
    fd: dirfdOf(options.dirfd),
    opFlags: flag(options, 'directory', false) ? AT_REMOVEDIR : 0,
    attached: { addr: struct },
    path: text,
  });
}

/**
 * Renames a file, as renameat2(2).
 *
 * Resolves to 0. Rejects with ENOENT, EXDEV, EEXIST and the others of rename(2), with `path` and `dest`.
 * Linux 5.11; io_uring_enter(2), IORING_OP_RENAMEAT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function renameat(oldPath: Path, newPath: Path, options: RenameatOptions = {}): Entry {
  checkObject(options);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return twoPaths(IORING_OP_RENAMEAT, oldPath, newPath, options, flags);
}

/**
 * Makes a directory, as mkdirat(2).
 *
 * Resolves to 0. Rejects with EEXIST, ENOENT and the others of mkdir(2), with `path`.
 * Linux 5.15; io_uring_enter(2), IORING_OP_MKDIRAT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function mkdirat(path: Path, options: MkdiratOptions = {}): Entry {
  const flags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  const { mode = 0o777 } = options;
  checkInteger(mode, 'options.mode', 0, 0o7777);
  return Entry.unsafe({
    opcode: IORING_OP_MKDIRAT,
    flags,
    fd: dirfdOf(options.dirfd),
    len: mode,
    attached: { addr: struct },
    path: text,
  });
}

/**
 * Makes a symbolic link, as symlinkat(2).
 *
 * Resolves to 0. Rejects with EEXIST, ENOENT and the others of symlink(2), with `path` and `dest`.
 * Linux 5.15; io_uring_enter(2), IORING_OP_SYMLINKAT.
 *
 * @param target what the link says; need not exist
 * @param path where the link is made
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function symlinkat(target: Path, path: Path, options: SymlinkatOptions = {}): Entry {
  const flags = sqeFlagsOf(options);
  const says = checkPath(target, 'target');
  const at = checkPath(path, 'path');
  return Entry.unsafe({
    opcode: IORING_OP_SYMLINKAT,
    flags,
    fd: dirfdOf(options.dirfd),
    attached: { addr: says.struct, off: at.struct },
    path: says.text,
    dest: at.text,
  });
}

/**
 * Makes a hard link, as linkat(2).
 *
 * Resolves to 0. Rejects with EEXIST, EXDEV, EPERM and the others of link(2), with `path` and `dest`.
 * With `follow` or `emptyPath` kernels before 6.7 reject with EINVAL, unless they were mended.
 * Linux 5.15; io_uring_enter(2), IORING_OP_LINKAT.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function linkat(oldPath: Path, newPath: Path, options: LinkatOptions = {}): Entry {
  const follow = flag(options, 'follow', false) ? AT_SYMLINK_FOLLOW : 0;
  const flags = follow | (flag(options, 'emptyPath', false) ? AT_EMPTY_PATH : 0);
  return twoPaths(IORING_OP_LINKAT, oldPath, newPath, options, flags);
}
