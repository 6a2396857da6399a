/** A file descriptor number of this process, as `fs.openSync()` returns it. */
export type RawFd = number;
