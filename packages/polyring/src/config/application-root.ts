import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The application that a directory belongs to: the nearest directory at or above it that has a package.json, or
 * the directory itself if there is none.
 */
export async function applicationRoot(directory: string): Promise<string> {
  for (let current = directory; ; current = dirname(current)) {
    if (await exists(join(current, 'package.json'))) return current;
    if (dirname(current) === current) return directory;
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
