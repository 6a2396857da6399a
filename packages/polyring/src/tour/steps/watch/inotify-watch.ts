import { basename } from 'node:path';
import type { Driver } from '@polyring/core';
import { PolledWatch } from '@polyring/polled';
import { verify } from '../../step.js';
import type { FolderWatch } from './creations.js';

/** Watches a folder by an inotify, whose readiness comes from a driver. */
export function inotifyWatch(driver: Driver, folder: string): FolderWatch {
  const watch = new PolledWatch(driver, folder, { types: ['create'] });
  return {
    by: `${driver.name}, inotify`,
    async next() {
      const event = await watch.next();
      verify(event?.type === 'create', `The watch on a folder told of ${event?.type ?? 'its end'}.`);
      return basename(event.path);
    },
    close: () => watch[Symbol.dispose](),
  };
}
