import { constants } from 'node:fs';
import { closedError, type Driver, IORING_OP_OPENAT, type RawFd } from '@polyring/core';
import { close, fdKind, setNonblocking } from '@polyring/sys';
import { openByPool } from './open-by-pool.js';
import { openByRing } from './open-by-ring.js';
import type { Open, Opening } from './opening.js';
import { untilWriter, writerWithReader } from './other-end.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC } = constants;

/** The bits that say whether a file is opened to read, to write or both. */
const O_ACCMODE = 3;

/** `O_PATH` of `<fcntl.h>`, which `node:fs` does not name. */
const O_PATH = 0o10000000;

/**
 * Opens a path through the ring, or else in the thread pool of Node.js. It tries with O_NONBLOCK first: a thread that waited
 * for the other end of a named pipe would be one of few. After four of them nothing in the pool would go on, where they
 * could not be called back either, and after as many as the kernel gives bounded workers nothing that the ring has them do.
 */
export async function openFile(driver: Driver, opening: Opening): Promise<RawFd> {
  if (driver.closed) throw closedError(driver.name);
  const open = driver.ioUringProbe(IORING_OP_OPENAT) ? openByRing : openByPool;
  const { flags } = opening;
  if ((flags & O_NONBLOCK) !== 0) return open(driver, opening);
  let fd: RawFd;
  try {
    fd = await open(driver, { ...opening, flags: flags | O_NONBLOCK });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody has a lease on the file, and is asked to give it up (fcntl(2), F_SETLEASE).
    if (code === 'EAGAIN') return open(driver, opening);
    if (code === 'ENXIO') return openToWrite(driver, opening, open, error);
    throw error;
  }
  try {
    if (fdKind(fd) !== 'fifo') setNonblocking(fd, false);
    else if ((flags & O_ACCMODE) === O_RDONLY) await untilWriter(driver, fd, opening.limits);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Opens what could not be opened without waiting, where it is a named pipe without a reader.
 *
 * @param failure why not
 */
async function openToWrite(driver: Driver, opening: Opening, open: Open, failure: unknown): Promise<RawFd> {
  // The pipe stays the same one by this, whatever becomes of its path.
  const pipe = await open(driver, { ...opening, flags: O_PATH | (opening.flags & O_NOFOLLOW) });
  try {
    if (fdKind(pipe) !== 'fifo') throw failure;
    // The pipe is there, and none of them is for it: whatever else is opened by a mistake stays as it is.
    const flags = (opening.flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NONBLOCK;
    const writer = await writerWithReader(driver, pipe, { ...opening, flags }, open);
    if (fdKind(writer) === 'fifo') return writer;
    close(writer);
    throw failure;
  } finally {
    close(pipe);
  }
}
