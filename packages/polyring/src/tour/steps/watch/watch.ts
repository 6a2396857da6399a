import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TourStep } from '../../step.js';
import { countCreations, FILES } from './creations.js';
import { inotifyWatch } from './inotify-watch.js';
import { nodeWatch } from './node-watch.js';

/** Watches a folder in which files are made. */
export const watch: TourStep = {
  id: 'watch',
  title: 'Watch on a folder',

  async run({ driver, folder, progress }) {
    const [own, nodes] = ['inotify', 'fs-watch'].map((name) => {
      const path = join(folder, name);
      mkdirSync(path);
      return path;
    }) as [string, string];
    const first = await countCreations(inotifyWatch(driver, own), own, (files) => progress('inotify', files / FILES));
    const second = await countCreations(nodeWatch(nodes), nodes, (files) => progress('fs.watch', files / FILES));
    return {
      verified: `Every new file was reported once, by its name: ${FILES.toLocaleString('en-US')} on each side.`,
      unit: 'files',
      sides: [first, second],
      notes: ['Each file is made when the one before it was reported and the watch waits; making it is in the time.'],
    };
  },
};
