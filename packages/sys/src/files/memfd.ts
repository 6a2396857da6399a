import { checkNoNullByte, flag, invalidArgType, outOfRange, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';

/** The longest name that the kernel takes. */
const NAME_MAXIMUM = 249;

/**
 * Makes a file without a name in memory, close-on-exec (memfd_create(2)). It is gone with its last descriptor.
 *
 * @param name what `/proc/self/fd` shows; at most 249 bytes. Names need not differ
 * @param options `allowSealing`: let fcntl(2) seal it. Default false
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; EMFILE, ENFILE, ENOMEM
 */
export function memfdCreate(name: string, options: { readonly allowSealing?: boolean | undefined } = {}): RawFd {
  if (typeof name !== 'string') throw invalidArgType('name', 'of type string', name);
  checkNoNullByte(name, 'name');
  if (Buffer.byteLength(name) > NAME_MAXIMUM) throw outOfRange('name', `at most ${NAME_MAXIMUM} bytes`, name);
  return succeeded(native.memfdCreate(name, flag(options, 'allowSealing', false)), 'memfd_create');
}
