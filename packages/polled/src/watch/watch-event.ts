import {
  IN_ACCESS,
  IN_ATTRIB,
  IN_CLOSE_NOWRITE,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_MODIFY,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_OPEN,
} from '@polyring/sys';

/** What can happen to an entry, in the words of inotify(7). */
export type ChangeType =
  | 'access'
  | 'attrib'
  | 'closeNowrite'
  | 'closeWrite'
  | 'create'
  | 'delete'
  | 'modify'
  | 'moveSelf'
  | 'open';

/** Something that happened to one entry. */
export interface ChangeEvent {
  readonly type: ChangeType;
  /** The path as it was watched, with the names below it. */
  readonly path: string;
  readonly isDirectory: boolean;
}

/** An entry that was moved. One of the two paths is undefined if that end is not watched. */
export interface MoveEvent {
  readonly type: 'move';
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly isDirectory: boolean;
}

/** Events were lost, as they came faster than they were read. What is watched has to be looked through again. */
export interface OverflowEvent {
  readonly type: 'overflow';
}

/**
 * A file system was unmounted: that of what is watched, and then it is the last event, or one below. Of the latter the
 * directory is followed that was hidden by it.
 */
export interface UnmountEvent {
  readonly type: 'unmount';
  readonly path: string;
}

/** What a watch tells. */
export type WatchEvent = ChangeEvent | MoveEvent | OverflowEvent | UnmountEvent;

/** What a watch can be asked for. It always tells of an overflow and of an unmount. */
export type WatchedType = ChangeType | 'move';

/** The bits of inotify that stand for each type. */
export const EVENT_BITS: Readonly<Record<WatchedType, number>> = {
  access: IN_ACCESS,
  attrib: IN_ATTRIB,
  closeNowrite: IN_CLOSE_NOWRITE,
  closeWrite: IN_CLOSE_WRITE,
  create: IN_CREATE,
  delete: IN_DELETE | IN_DELETE_SELF,
  modify: IN_MODIFY,
  move: IN_MOVED_FROM | IN_MOVED_TO,
  moveSelf: IN_MOVE_SELF,
  open: IN_OPEN,
};

/** What is watched for unless something else is asked for: everything that changes an entry. */
export const USUAL_TYPES: readonly WatchedType[] = [
  'attrib',
  'closeWrite',
  'create',
  'delete',
  'modify',
  'move',
  'moveSelf',
];

/** The type of a change that an event's mask tells of; undefined for none. */
export function changeType(mask: number): ChangeType | undefined {
  for (const [type, bits] of Object.entries(EVENT_BITS)) {
    if ((mask & bits) !== 0 && type !== 'move') return type as ChangeType;
  }
  return undefined;
}
