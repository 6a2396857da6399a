import type { TemporaryDirectory } from '@polyring/test-support';
import type { PolledWatch } from './polled-watch.js';
import type { WatchEvent } from './watch-event.js';

/** Waits for as many events as are expected and says each in a line, with paths below the directory. */
export async function lines(watch: PolledWatch, directory: TemporaryDirectory, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const event = await watch.next({ timeout: 20_000 });
    if (event === undefined) break;
    seen.push(lineOf(event).replaceAll(directory.path, ''));
  }
  return seen;
}

/** What an event tells, in a line. */
export function lineOf(event: WatchEvent): string {
  if (event.type === 'overflow') return 'overflow';
  if (event.type === 'unmount') return `unmount ${event.path}`;
  const directory = event.isDirectory ? ' (directory)' : '';
  if (event.type === 'move') return `move ${event.from ?? '?'} to ${event.to ?? '?'}${directory}`;
  return `${event.type} ${event.path}${directory}`;
}
