import { types } from 'node:util';
import { checkInteger, invalidArgType, outOfRange, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';

/**
 * Opens a path, close-on-exec, in a thread of libuv's pool (open(2)). The descriptor is closed at the end of its environment,
 * as by {@link own}: Node.js knows nothing of it, other than of one that `node:fs` has opened.
 *
 * @param path as text or as bytes
 * @param flags O_* bits
 * @param mode the permissions of a file that is made, less the umask
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; (rejects) ENOENT, EACCES, EMFILE and the other errors of open(2)
 */
export function openInPool(path: string | Uint8Array, flags: number, mode = 0o666): Promise<RawFd> {
  if (typeof path !== 'string' && !types.isUint8Array(path)) {
    throw invalidArgType('path', 'of type string or an instance of Uint8Array', path);
  }
  const bytes = Buffer.from(path as string);
  if (bytes.includes(0)) throw outOfRange('path', 'a path without null bytes', path);
  checkInteger(flags, 'flags', 0, 0x7fff_ffff);
  checkInteger(mode, 'mode', 0, 0o7777);
  return inPool((callback) => native.openInPool(bytes, flags, mode, callback), 'open', { path: String(bytes) });
}
