/** The file was read or executed. */
export const IN_ACCESS = 0x1;
/** The file was written or truncated. */
export const IN_MODIFY = 0x2;
/** Metadata changed. */
export const IN_ATTRIB = 0x4;
/** A file that was open for writing was closed. */
export const IN_CLOSE_WRITE = 0x8;
/** A file that was not open for writing was closed. */
export const IN_CLOSE_NOWRITE = 0x10;
/** The file was opened. */
export const IN_OPEN = 0x20;
/** An entry was moved out of the directory. */
export const IN_MOVED_FROM = 0x40;
/** An entry was moved into the directory. */
export const IN_MOVED_TO = 0x80;
/** An entry was created in the directory. */
export const IN_CREATE = 0x100;
/** An entry of the directory was deleted. */
export const IN_DELETE = 0x200;
/** What is watched was deleted. */
export const IN_DELETE_SELF = 0x400;
/** What is watched was moved. */
export const IN_MOVE_SELF = 0x800;
/** Reported: the file system was unmounted. */
export const IN_UNMOUNT = 0x2000;
/** Reported: the queue overflowed, and events were lost. */
export const IN_Q_OVERFLOW = 0x4000;
/** Reported: the watch is over. */
export const IN_IGNORED = 0x8000;
/** Watch directories only. */
export const IN_ONLYDIR = 0x100_0000;
/** Do not follow a symbolic link. */
export const IN_DONT_FOLLOW = 0x200_0000;
/** No events of entries that were unlinked. */
export const IN_EXCL_UNLINK = 0x400_0000;
/** Fail if the path is watched already (Linux 4.18). */
export const IN_MASK_CREATE = 0x1000_0000;
/** Add to the events that are watched for. */
export const IN_MASK_ADD = 0x2000_0000;
/** Reported: the entry is a directory. */
export const IN_ISDIR = 0x4000_0000;
/** Report once. */
export const IN_ONESHOT = 0x8000_0000;
/** Closed, either way. */
export const IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE;
/** Moved, either way. */
export const IN_MOVE = IN_MOVED_FROM | IN_MOVED_TO;
/** Every event. */
export const IN_ALL_EVENTS = 0xfff;
