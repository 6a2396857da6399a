import { dirname, join } from 'node:path';
import { Child } from '../processes/child.js';
import { inOneFile, packedProject } from '../processes/packed.js';
import type { Sample } from '../sample.js';
import type { Rival } from './rival.js';

const LAUNCHES = 5;

/**
 * A program of its own, from its start to its end, as a shell would run it, on Polyring as npm installs it.
 *
 * @param says what it prints if all went well
 */
export function launch(name: string, script: string, says: string): Rival {
  return launching(name, () => join(packedProject([script]), `${script}.js`), says);
}

/** As {@link launch}, with all that the program imports in its own file, and nothing that it does not use. */
export function launchOneFile(name: string, script: string, says: string): Rival {
  return launching(name, () => inOneFile(script), says);
}

function launching(name: string, make: () => string, says: string): Rival {
  return {
    name,
    async start({ milliseconds }) {
      const path = make();
      return { measure: () => launches(path, says, milliseconds), close: async () => {} };
    },
  };
}

/**
 * Starts a program again and again, in its own folder, so that no config file of the repository is in force. What it says
 * beside `says` is an error, and to fail a failure of all.
 */
export async function launches(path: string, says: string, milliseconds: number): Promise<Sample> {
  let errors = 0;
  const started = performance.now();
  for (let i = 0; i < LAUNCHES; i += 1) {
    if ((await new Child(process.execPath, [path], { cwd: dirname(path), milliseconds }).text()) !== says) errors += 1;
  }
  return { operations: LAUNCHES, seconds: (performance.now() - started) / 1e3, errors };
}
