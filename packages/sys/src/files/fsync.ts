import { checkFd, flag, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { inPool } from '../addon/in-pool.js';

/** What a sync leaves out. */
export interface FsyncOptions {
  /** The metadata that reading the data does not need, as fdatasync(2). Default false. */
  readonly dataSync?: boolean | undefined;
}

/**
 * Has the bytes of a file on its device, in a thread of libuv's pool (fsync(2), fdatasync(2)). `node:fs` refuses that under
 * the permission model of Node.js, whatever is allowed.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; (rejects) EIO, ENOSPC, EDQUOT, EINVAL, EBADF
 */
export function fsync(fd: RawFd, options: FsyncOptions = {}): Promise<void> {
  checkFd(fd);
  const dataSync = flag(options, 'dataSync', false);
  const syscall = dataSync ? 'fdatasync' : 'fsync';
  return inPool((callback) => native.fsync(fd, dataSync, callback), syscall, { fd }).then(() => {});
}
