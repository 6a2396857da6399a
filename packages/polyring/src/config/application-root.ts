import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The application that a directory belongs to: the nearest directory at or above it that has a package.json, or
 * the directory itself if there is none.
 */
export function applicationRoot(directory: string): string {
  for (let current = directory; ; current = dirname(current)) {
    if (isThere(join(current, 'package.json'))) return current;
    if (dirname(current) === current) return directory;
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
