import { constants } from 'node:fs';
import { checkInteger, Errno, invalidArgValue, invalidWord, type Path, plainPath, systemError } from '@polyring/core';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const CREATE = O_CREAT | O_WRONLY;
const CREATE_BOTH = O_CREAT | O_RDWR;

/** The flags of `fs.open`, in their form as text. */
const FLAGS: ReadonlyMap<string, number> = new Map([
  ['r', O_RDONLY],
  ['rs', O_RDONLY | O_SYNC],
  ['sr', O_RDONLY | O_SYNC],
  ['r+', O_RDWR],
  ['rs+', O_RDWR | O_SYNC],
  ['sr+', O_RDWR | O_SYNC],
  ['w', CREATE | O_TRUNC],
  ['wx', CREATE | O_TRUNC | O_EXCL],
  ['xw', CREATE | O_TRUNC | O_EXCL],
  ['w+', CREATE_BOTH | O_TRUNC],
  ['wx+', CREATE_BOTH | O_TRUNC | O_EXCL],
  ['xw+', CREATE_BOTH | O_TRUNC | O_EXCL],
  ['a', CREATE | O_APPEND],
  ['ax', CREATE | O_APPEND | O_EXCL],
  ['xa', CREATE | O_APPEND | O_EXCL],
  ['as', CREATE | O_APPEND | O_SYNC],
  ['sa', CREATE | O_APPEND | O_SYNC],
  ['a+', CREATE_BOTH | O_APPEND],
  ['ax+', CREATE_BOTH | O_APPEND | O_EXCL],
  ['xa+', CREATE_BOTH | O_APPEND | O_EXCL],
  ['as+', CREATE_BOTH | O_APPEND | O_SYNC],
  ['sa+', CREATE_BOTH | O_APPEND | O_SYNC],
]);

/**
 * The O_* bits of flags in the form of `fs.open`.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function openFlags(flags: string | number): number {
  if (typeof flags === 'number') {
    checkInteger(flags, 'flags', 0, 0x7fffffff);
    // `node:fs` of Node.js 20 and 22 ends the process for -0, which is no int32 to the engine.
    return flags | 0;
  }
  const bits = FLAGS.get(flags);
  if (bits === undefined) throw invalidWord('flags', FLAGS.keys(), flags, 'of type string or number');
  return bits;
}

/**
 * The bits of a mode in the form of `fs.open`: a number, or octal digits.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function openMode(mode: string | number): number {
  if (typeof mode === 'string') {
    if (!/^[0-7]+$/.test(mode)) throw invalidArgValue('mode', 'a number or octal digits', mode);
    return openMode(Number.parseInt(mode, 8));
  }
  checkInteger(mode, 'mode', 0, 0xffffffff);
  return mode & 0o7777;
}

/** The longest path of the kernel, with the null byte behind it: PATH_MAX of `<limits.h>`. */
const PATH_MAX = 4096;

/**
 * A path as the kernel takes it.
 *
 * @throws ERR_INVALID_ARG_TYPE; ERR_INVALID_ARG_VALUE for one with a null byte; what `fileURLToPath` throws; ENAMETOOLONG
 */
export function openPath(path: Path): string | Buffer {
  const plain = plainPath(path);
  const taken = typeof plain === 'string' ? plain : Buffer.from(plain);
  if (Buffer.byteLength(taken) >= PATH_MAX) throw systemError(Errno.ENAMETOOLONG, 'open', { path: String(taken) });
  return taken;
}
