import { checkFd, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';

/**
 * Has a descriptor closed at the end of its environment, unless {@link close}, {@link disown} or a `LoopWatch` that owns it
 * came first. A worker that is terminated runs no JavaScript, so a descriptor that it alone knows would stay open.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function own(fd: RawFd): void {
  checkFd(fd);
  native.own(fd);
}

/**
 * Says that somebody else closes a descriptor.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function disown(fd: RawFd): void {
  checkFd(fd);
  native.disown(fd);
}
