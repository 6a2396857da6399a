import { watch } from 'node:fs';
import type { FolderWatch } from './creations.js';

/** Watches a folder by fs.watch. A new file is one of its `rename` events. */
export function nodeWatch(folder: string): FolderWatch {
  const names: string[] = [];
  let failure: Error | undefined;
  let wake = (): void => {};
  const watcher = watch(folder);
  watcher.on('change', (type, name) => {
    if (type !== 'rename') return;
    names.push(String(name));
    wake();
  });
  watcher.on('error', (error) => {
    failure = error;
    wake();
  });
  return {
    by: 'fs.watch',
    async next() {
      while (names.length === 0 && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== undefined) throw failure;
      return names.shift() as string;
    },
    close: () => watcher.close(),
  };
}
