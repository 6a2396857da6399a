import { constants } from 'node:fs';
import { type Driver, Errno, PolledTimer, type PollOptions, type RawFd, systemError } from '@polyring/core';
import { close, own, pipe2, tryReopen, tryTee } from '@polyring/sys';
import { pollsAsReadable } from '../transfer/byte-calls.js';
import { FIRST_PAUSE, longerPause } from '../transfer/pauses.js';
import type { Open, Opening } from './opening.js';

const { O_NOFOLLOW } = constants;

/** What opening a link in /proc gives where a process has none, or may not use it. */
const WITHOUT_PROC: readonly number[] = [Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR];

/**
 * Waits until a named pipe that was opened to read has, or has had, a writer.
 *
 * @throws (rejects) AbortError, ERR_POLYRING_CLOSED; EMFILE
 */
export async function untilWriter(driver: Driver, fd: RawFd, limits: PollOptions | undefined): Promise<void> {
  const [from, to] = pipe2();
  for (const end of [from, to]) own(end);
  try {
    await untilThere(driver, limits, () => (hasHadWriter(fd, to) ? true : undefined));
  } finally {
    for (const end of [from, to]) close(end);
  }
}

/** @param to a pipe with room, for a copy of what comes in between */
function hasHadWriter(fd: RawFd, to: RawFd): boolean {
  if (pollsAsReadable(fd)) return true;
  // Without bytes 0 says that there is no writer, and EAGAIN that there is one.
  return tryTee(fd, to, 1) !== 0;
}

/**
 * Opens a named pipe to write once it has a reader, be it one whose open(2) waits for this.
 *
 * @param pipe a descriptor of it, which may be of O_PATH
 * @param opening how; its path names the pipe in errors. The flags have O_NONBLOCK
 * @param open opens the path, where a process has no /proc
 * @throws (rejects) AbortError, ERR_POLYRING_CLOSED; EACCES, EMFILE and the other errors of open(2)
 */
export function writerWithReader(driver: Driver, pipe: RawFd, opening: Opening, open: Open): Promise<RawFd> {
  const { path, flags, limits } = opening;
  return untilThere(driver, limits, async () => {
    // By this thread: until one of the kernel's or of the pool came to it, the number might be that of another file.
    let fd = tryReopen(pipe, flags & ~O_NOFOLLOW);
    if (WITHOUT_PROC.includes(fd)) fd = await open(driver, opening).catch(errnoOf);
    if (fd === Errno.ENXIO) return undefined;
    if (fd < 0) throw systemError(fd, 'open', { path: String(path) });
    return fd;
  });
}

/** The number of a system error. */
function errnoOf(error: NodeJS.ErrnoException): number {
  if (error.errno === undefined) throw error;
  return error.errno;
}

/** Looks again and again until there is something: no descriptor tells of the coming of another end. */
async function untilThere<T>(
  driver: Driver,
  limits: PollOptions | undefined,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  using timer = new PolledTimer(driver);
  for (let pause = FIRST_PAUSE; ; pause = longerPause(pause)) {
    const found = await look();
    if (found !== undefined) return found;
    await timer.sleep(pause, limits);
  }
}
