import { checkNoNullByte, invalidArgType, outOfRange } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { type AttachedBytes, readStruct } from '../attachment.js';
import { Entry, MemoryAccess } from '../entry.js';
import { IORING_OP_FGETXATTR, IORING_OP_FSETXATTR, IORING_OP_GETXATTR, IORING_OP_SETXATTR } from '../opcodes.js';
import { requireBits, requireBuffer, requireFd } from './check.js';
import { type EntryOptions, sqeFlagsOf } from './options.js';
import { checkPath, type Path } from './path.js';

/** How an extended attribute of a path is read. */
export interface GetxattrOptions extends Pick<EntryOptions, 'async'> {}

/** How an extended attribute is set. */
export interface SetxattrOptions extends Pick<EntryOptions, 'async'> {
  /** XATTR_* bits. 0, which makes or replaces it, by default. */
  readonly flags?: number | undefined;
}

/** How an extended attribute of a descriptor is set. */
export interface FsetxattrOptions extends SetxattrOptions, EntryOptions {}

/** The longest name of an attribute: XATTR_NAME_MAX of `<linux/limits.h>`. */
const NAME_MAX = 255;

function nameOf(name: string) {
  if (typeof name !== 'string') throw invalidArgType('name', 'of type string', name);
  checkNoNullByte(name, 'name');
  const bytes = Buffer.from(`${name}\0`);
  if (bytes.length < 2 || bytes.length > NAME_MAX + 1) {
    throw outOfRange('name', `1 to ${NAME_MAX} bytes`, JSON.stringify(name));
  }
  return readStruct(bytes);
}

function bytesOf(value: ArrayBufferView, access: MemoryAccess): AttachedBytes {
  return { kind: 'bytes', view: value, length: requireBuffer(value), access, resultIsLength: true };
}

/**
 * Reads an extended attribute of a path, as getxattr(2).
 *
 * Resolves to the bytes of the value; with an empty buffer to how many it has. Rejects with ENODATA if there is no such
 * attribute, ERANGE if the buffer is too small, ENOTSUP, and the others of getxattr(2), with `path`.
 * Linux 5.19; io_uring_enter(2), IORING_OP_GETXATTR.
 *
 * @param name such as `user.mime_type`
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function getxattr(path: Path, name: string, buffer: ArrayBufferView, options: GetxattrOptions = {}): Entry {
  const flags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  const value = bytesOf(buffer, MemoryAccess.KernelWrites);
  return Entry.unsafe({
    opcode: IORING_OP_GETXATTR,
    flags,
    len: value.length,
    attached: { addr: nameOf(name), off: value, addr3: struct },
    path: text,
  });
}

/**
 * Reads an extended attribute of a descriptor's file, as fgetxattr(2).
 *
 * Resolves and rejects as {@link getxattr}. Linux 5.19; io_uring_enter(2), IORING_OP_FGETXATTR.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function fgetxattr(fd: RawFd, name: string, buffer: ArrayBufferView, options: EntryOptions = {}): Entry {
  requireFd(fd);
  const flags = sqeFlagsOf(options);
  const value = bytesOf(buffer, MemoryAccess.KernelWrites);
  return Entry.unsafe({
    opcode: IORING_OP_FGETXATTR,
    flags,
    fd,
    len: value.length,
    attached: { addr: nameOf(name), off: value },
  });
}

/**
 * Sets an extended attribute of a path, as setxattr(2).
 *
 * Resolves to 0. Rejects with EEXIST or ENODATA as the flags say, ENOSPC, ENOTSUP, and the others of setxattr(2), with
 * `path`. Linux 5.19; io_uring_enter(2), IORING_OP_SETXATTR.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function setxattr(path: Path, name: string, value: ArrayBufferView, options: SetxattrOptions = {}): Entry {
  const sqeFlags = sqeFlagsOf(options);
  const { struct, text } = checkPath(path, 'path');
  const bytes = bytesOf(value, MemoryAccess.KernelReads);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return Entry.unsafe({
    opcode: IORING_OP_SETXATTR,
    flags: sqeFlags,
    len: bytes.length,
    opFlags: flags,
    attached: { addr: nameOf(name), off: bytes, addr3: struct },
    path: text,
  });
}

/**
 * Sets an extended attribute of a descriptor's file, as fsetxattr(2).
 *
 * Resolves and rejects as {@link setxattr}. Linux 5.19; io_uring_enter(2), IORING_OP_FSETXATTR.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function fsetxattr(fd: RawFd, name: string, value: ArrayBufferView, options: FsetxattrOptions = {}): Entry {
  requireFd(fd);
  const sqeFlags = sqeFlagsOf(options);
  const bytes = bytesOf(value, MemoryAccess.KernelReads);
  const { flags = 0 } = options;
  requireBits(flags, 'options.flags');
  return Entry.unsafe({
    opcode: IORING_OP_FSETXATTR,
    flags: sqeFlags,
    fd,
    len: bytes.length,
    opFlags: flags,
    attached: { addr: nameOf(name), off: bytes },
  });
}
