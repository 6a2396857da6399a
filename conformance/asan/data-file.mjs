import { randomFillSync } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of random bytes for reads. It stands in the work tree, since a temporary folder may not know O_DIRECT. */
export const DATA_FILE = fileURLToPath(new URL('build/data.bin', import.meta.url));

/** Bytes of {@link DATA_FILE}. */
export const DATA_SIZE = 2 ** 24;

/** Makes {@link DATA_FILE} if it is not there. */
export function makeDataFile() {
  if (existsSync(DATA_FILE) && statSync(DATA_FILE).size === DATA_SIZE) return;
  mkdirSync(path.dirname(DATA_FILE), { recursive: true });
  writeFileSync(DATA_FILE, randomFillSync(Buffer.alloc(DATA_SIZE)));
}
