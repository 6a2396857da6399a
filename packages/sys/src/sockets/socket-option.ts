import { checkFd, checkInteger, checkReadableOption, invalidArgType, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkView } from '../arguments/view-range.js';

/**
 * An option of a socket that is a number (getsockopt(2)).
 *
 * @param level the protocol the option belongs to, such as SOL_SOCKET
 * @param name the option, such as SO_ERROR; not SO_GET_FILTER, see {@link getsockoptBytes}
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOPROTOOPT, EBADF, ENOTSOCK
 */
export function getsockopt(fd: RawFd, level: number, name: number): number {
  const value = new Int32Array(1);
  readOption(fd, level, name, value);
  return value[0]!;
}

/**
 * An option of a socket as the kernel's bytes, such as SO_PEERCRED or TCP_INFO (getsockopt(2)). Not SO_GET_FILTER, whose length
 * the kernel takes for a count of instructions: it would write beyond the bytes.
 *
 * @param size the most bytes to take
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOPROTOOPT, EINVAL, EBADF, ENOTSOCK
 */
export function getsockoptBytes(fd: RawFd, level: number, name: number, size: number): Buffer {
  checkInteger(size, 'size', 0, 0xffff);
  const value = Buffer.alloc(size);
  return value.subarray(0, readOption(fd, level, name, value));
}

function readOption(fd: RawFd, level: number, name: number, value: ArrayBufferView): number {
  checkFd(fd);
  checkInteger(level, 'level', 0, 0x7fffffff);
  checkInteger(name, 'name', 0, 0x7fffffff);
  checkReadableOption(level, name);
  return succeeded(native.getsockopt(fd, level, name, value), 'getsockopt', { fd });
}

/**
 * Sets an option of a socket (setsockopt(2)).
 *
 * @param value an integer of 32 bits, a boolean for 0 or 1, or the option's bytes, such as `struct linger`
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED; ENOPROTOOPT, EINVAL, EPERM, EBADF, ENOTSOCK
 */
export function setsockopt(fd: RawFd, level: number, name: number, value: number | boolean | ArrayBufferView): void {
  checkFd(fd);
  checkInteger(level, 'level', 0, 0x7fffffff);
  checkInteger(name, 'name', 0, 0x7fffffff);
  succeeded(native.setsockopt(fd, level, name, optionBytes(value)), 'setsockopt', { fd });
}

function optionBytes(value: unknown): ArrayBufferView {
  if (typeof value === 'boolean') return Int32Array.of(value ? 1 : 0);
  if (typeof value === 'number') {
    checkInteger(value, 'value', -0x8000_0000, 0x7fff_ffff);
    return Int32Array.of(value);
  }
  if (!ArrayBuffer.isView(value)) {
    throw invalidArgType('value', 'of type number or boolean, or an instance of Buffer, TypedArray or DataView', value);
  }
  checkView(value, 'value');
  return value;
}
