import { outOfRange } from '../../errors/argument-error.js';
import { plainPath } from '../../values/plain-path.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type AttachedStruct, readStruct } from '../attachment.js';
import { AT_FDCWD } from '../flags/at.js';
import { requireFd } from './check.js';

/** A path as `node:fs` takes it: text, bytes, or a URL with the scheme `file:`. */
export type Path = string | Uint8Array | URL;

/** Where a relative path starts. */
export interface DirectoryOptions {
  /** A descriptor of a directory. The current directory of the process, when the kernel looks, by default. */
  readonly dirfd?: RawFd | undefined;
}

/** The longest path, with the null byte: PATH_MAX of `<limits.h>`. */
const PATH_MAX = 4096;

/** A path for the kernel, and for errors. */
export interface CheckedPath {
  readonly struct: AttachedStruct;
  readonly text: string;
}

/** Checks a path. Throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE. */
export function checkPath(path: Path, name: string): CheckedPath {
  const plain = plainPath(path, name);
  const bytes = Buffer.from(plain as string);
  const text = typeof plain === 'string' ? plain : bytes.toString();
  if (bytes.length >= PATH_MAX) throw outOfRange(`${name}.length`, `at most ${PATH_MAX - 1} bytes`, bytes.length);
  return { struct: readStruct(Buffer.concat([bytes, Buffer.alloc(1)])), text };
}

/** Checks where a path starts. */
export function dirfdOf(dirfd: RawFd | undefined, name = 'options.dirfd'): number {
  if (dirfd === undefined || dirfd === AT_FDCWD) return AT_FDCWD;
  requireFd(dirfd, name);
  return dirfd;
}
