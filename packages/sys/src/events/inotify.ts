import { checkFd, checkInteger, checkNoNullByte, flag, invalidArgType, partOf, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViewRange } from '../arguments/view-range.js';

/** Something that happened to what is watched. */
export interface InotifyEvent {
  /** The watch, as {@link inotifyAddWatch} gave it; -1 for an overflow. */
  readonly watch: number;
  /** IN_* bits. */
  readonly mask: number;
  /** Joins the two events of a move; otherwise 0. */
  readonly cookie: number;
  /** The entry of the directory that is watched; '' for what is watched itself. */
  readonly name: string;
}

/** The bytes of an event without its name. */
const HEADER = 16;

/** The bytes that a read of an inotify needs to have room for, at least: one event with the longest name. */
export const INOTIFY_EVENT_MAXIMUM = HEADER + 255 + 1;

/**
 * Makes an inotify, close-on-exec (inotify_init1(2)).
 *
 * @param options `nonblock`: O_NONBLOCK, default true
 * @throws ERR_INVALID_ARG_TYPE; EMFILE, also at the user's limit of instances; ENFILE, ENOMEM
 */
export function inotifyInit(options: { readonly nonblock?: boolean | undefined } = {}): RawFd {
  return succeeded(native.inotifyInit(flag(options, 'nonblock', true)), 'inotify_init1');
}

/**
 * Watches a path, or changes what it is watched for (inotify_add_watch(2)).
 *
 * @param mask IN_* bits
 * @returns the watch
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ENOENT, EACCES, ENOTDIR, EEXIST, EBADF, EINVAL, and ENOSPC
 * at the user's limit of watches
 */
export function inotifyAddWatch(fd: RawFd, path: string, mask: number): number {
  checkFd(fd);
  if (typeof path !== 'string') throw invalidArgType('path', 'of type string', path);
  checkNoNullByte(path, 'path');
  // IN_ONESHOT in a set of bits makes it a negative number.
  checkInteger(mask, 'mask', -0x8000_0000, 0xffff_ffff);
  return succeeded(native.inotifyAddWatch(fd, path, mask), 'inotify_add_watch', { fd, path });
}

/**
 * Ends a watch (inotify_rm_watch(2)). An event with IN_IGNORED follows.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EINVAL if there is no such watch; EBADF
 */
export function inotifyRmWatch(fd: RawFd, watch: number): void {
  checkFd(fd);
  checkInteger(watch, 'watch', 0, 0x7fffffff);
  succeeded(native.inotifyRmWatch(fd, watch), 'inotify_rm_watch', { fd });
}

/**
 * The events of a buffer that was read from an inotify (inotify(7)). Bytes of a name that are not UTF-8
 * come out as U+FFFD.
 *
 * @param length how many bytes were read; default all
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function parseInotifyEvents(buffer: ArrayBufferView, length?: number): InotifyEvent[] {
  const end = checkViewRange(buffer, 0, length);
  // A DataView whose buffer was shrunk does not tell where it is.
  if (end === 0) return [];
  const { buffer: memory, byteOffset } = partOf(buffer, 0, end);
  const fields = new DataView(memory, byteOffset, end);
  const bytes = Buffer.from(memory, byteOffset, end);
  const events: InotifyEvent[] = [];
  for (let at = 0; at + HEADER <= end; ) {
    const next = at + HEADER + fields.getUint32(at + 12, true);
    // The name is padded with null bytes.
    const name = bytes.subarray(at + HEADER, next);
    const terminator = name.indexOf(0);
    events.push({
      watch: fields.getInt32(at, true),
      mask: fields.getUint32(at + 4, true),
      cookie: fields.getUint32(at + 8, true),
      name: name.toString('utf8', 0, terminator < 0 ? name.length : terminator),
    });
    at = next;
  }
  return events;
}
