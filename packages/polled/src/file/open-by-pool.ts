import { constants } from 'node:fs';
import { type Driver, PolledTimer, type PollOptions, type RawFd } from '@polyring/core';
import { close, closeInPool, fdKind, openInPool, setNonblocking } from '@polyring/sys';
import { untilWriter, writerWithReader } from './other-end.js';

const { O_NONBLOCK, O_RDONLY } = constants;

/** The bits that say whether a file is opened to read, to write or both. */
const O_ACCMODE = 3;

/** `O_PATH` of `<fcntl.h>`, which `node:fs` does not name. */
const O_PATH = 0o10000000;

/** How a file is opened; the path has no null byte and is not too long. */
export interface Opening {
  readonly path: string | Buffer;
  readonly flags: number;
  readonly mode: number;
  readonly limits: PollOptions | undefined;
}

/**
 * Opens a path in the thread pool of Node.js. As a ring does, it tries with O_NONBLOCK first: a thread that waited for
 * the other end of a named pipe could not be called back, and after four of them nothing in the pool would go on.
 */
export async function openByPool(driver: Driver, opening: Opening): Promise<RawFd> {
  const { flags } = opening;
  if ((flags & O_NONBLOCK) !== 0) return openInThread(driver, opening);
  let fd: RawFd;
  try {
    fd = await openInThread(driver, { ...opening, flags: flags | O_NONBLOCK });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody has a lease on the file, and is asked to give it up (fcntl(2), F_SETLEASE).
    if (code === 'EAGAIN') return openInThread(driver, opening);
    if (code === 'ENXIO') return openToWrite(driver, opening, error);
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
async function openToWrite(driver: Driver, opening: Opening, failure: unknown): Promise<RawFd> {
  // The pipe stays the same one by this, whatever becomes of its path.
  const pipe = await openInThread(driver, { ...opening, flags: O_PATH | (opening.flags & constants.O_NOFOLLOW) });
  try {
    if (fdKind(pipe) !== 'fifo') throw failure;
    return await writerWithReader(driver, pipe, opening);
  } finally {
    close(pipe);
  }
}

/** What comes of an open whose caller was told of its end already is closed. */
async function openInThread(driver: Driver, { path, flags, mode, limits }: Opening): Promise<RawFd> {
  using timer = new PolledTimer(driver).unref();
  return await new Promise<RawFd>((resolve, reject) => {
    let over = false;
    // A thread that waits, as for a file system over the network, is not called back by a signal or the driver's end.
    timer.sleep(Infinity, limits).catch((error: unknown) => {
      over = true;
      reject(error);
    });
    openInPool(path, flags, mode)
      .then((fd) => (over ? closeInPool(fd) : resolve(fd)))
      .catch(reject);
  });
}
