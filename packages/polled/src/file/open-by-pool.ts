import { type Driver, PolledTimer, type RawFd } from '@polyring/core';
import { closeInPool, openInPool } from '@polyring/sys';
import type { Opening } from './opening.js';

/** Opens a path in the thread pool of Node.js. What comes of an open whose caller was told of its end already is closed. */
export async function openByPool(driver: Driver, { path, flags, mode, limits }: Opening): Promise<RawFd> {
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
