import { closeSync } from 'node:fs';
import type { RawFd } from '@polyring/core';
import { dup, own } from '@polyring/sys';

/**
 * A descriptor in place of one that `node:fs` has opened, for who closes it otherwise. What `node:fs` has opened in a worker
 * Node.js closes at the worker's end unless `node:fs` has, whatever its number means by then.
 */
export function takeFromFs(opened: RawFd): RawFd {
  try {
    const fd = dup(opened);
    own(fd);
    return fd;
  } finally {
    closeSync(opened);
  }
}
