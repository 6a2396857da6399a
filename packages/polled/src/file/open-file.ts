import { close, open } from 'node:fs';
import { AbortError, closedError, type Driver, type PollOptions, type RawFd, systemError } from '@polyring/core';

/** Opens a path in the thread pool. */
export function openFile(
  driver: Driver,
  path: string | Buffer,
  flags: number,
  mode: number,
  limits: PollOptions | undefined,
): Promise<RawFd> {
  if (driver.closed) throw closedError(driver.name);
  return openInPool(path, flags, mode, limits);
}

/** An open that waits, as for the other end of a named pipe, cannot be ended: what comes of it is closed then. */
function openInPool(path: string | Buffer, flags: number, mode: number, limits?: PollOptions): Promise<RawFd> {
  const signal = limits?.signal;
  return new Promise((resolve, reject) => {
    let aborted = false;
    const abort = (): void => {
      aborted = true;
      reject(new AbortError(signal?.reason));
    };
    signal?.addEventListener('abort', abort, { once: true });
    open(path, flags, mode, (error, fd) => {
      signal?.removeEventListener('abort', abort);
      if (error !== null) reject(systemError(error.errno ?? 0, 'open', { path: path.toString() }));
      else if (aborted) close(fd);
      else resolve(fd);
    });
  });
}
