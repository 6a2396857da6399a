import { checkInteger, type Path, plainPath, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';

/**
 * Opens a path, close-on-exec, in a thread of libuv's pool (open(2)). The descriptor is closed at the end of its environment,
 * as by {@link own}: Node.js knows nothing of it, other than of one that `node:fs` has opened.
 *
 * @param flags O_* bits
 * @param mode the permissions of a file that is made, less the umask
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; what `fileURLToPath` throws; (rejects) ENOENT, EACCES,
 * EMFILE and the other errors of open(2)
 */
export function openInPool(path: Path, flags: number, mode = 0o666): Promise<RawFd> {
  const bytes = Buffer.from(plainPath(path) as string);
  checkInteger(flags, 'flags', 0, 0x7fff_ffff);
  checkInteger(mode, 'mode', 0, 0o7777);
  return inPool((callback) => native.openInPool(bytes, flags, mode, callback), 'open', { path: String(bytes) });
}
