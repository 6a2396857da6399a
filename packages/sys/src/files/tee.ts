import { checkFd, checkInteger, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';

/**
 * Copies bytes from one pipe to another, without taking them from the first and without waiting (tee(2)).
 *
 * @param length bytes, at most
 * @returns the bytes copied, 0 where there is none and nobody could write one; or a negative error number: EAGAIN where
 * there is none yet, or no room
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function tryTee(from: RawFd, to: RawFd, length: number): number {
  checkFd(from, 'from');
  checkFd(to, 'to');
  checkInteger(length, 'length', 0, 0x7fffffff);
  return native.tee(from, to, length);
}
