import { type Driver, PollEvents, PolledTimer, type PollOptions, type RawFd, systemError } from '@polyring/core';
import { close, own, pipe2, poll, tryTee } from '@polyring/sys';
import { FIRST_PAUSE, longerPause } from '../transfer/pauses.js';
import type { Opening } from './opening.js';

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
  // Bytes, or a writer that has left.
  if (poll(Int32Array.of(fd, PollEvents.IN, 0)) > 0) return true;
  // Without bytes 0 says that there is no writer, and EAGAIN that there is one.
  return tryTee(fd, to, 1) !== 0;
}

/**
 * Opens a named pipe to write once it has a reader, be it one whose open(2) waits for this.
 *
 * @param path names it in errors
 * @param open opens it with O_NONBLOCK
 * @throws (rejects) AbortError, ERR_POLYRING_CLOSED; as `open`
 */
export function writerWithReader(
  driver: Driver,
  { path, limits }: Pick<Opening, 'path' | 'limits'>,
  open: () => Promise<RawFd>,
): Promise<RawFd> {
  return untilThere(driver, limits, async () => {
    try {
      return await open();
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException;
      if (code === 'ENXIO') return undefined;
      throw errno === undefined ? error : systemError(errno, 'open', { path: String(path) });
    }
  });
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
