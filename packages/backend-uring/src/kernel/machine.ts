import { readFileSync } from 'node:fs';
import { release } from 'node:os';

/** What is read of the machine, so that tests can put another one in its place. */
export interface Machine {
  /** The kernel's release, as `uname -r` prints it. */
  readonly release: string;
  /** The text of a file, or undefined where it cannot be read. */
  readText(path: string): string | undefined;
}

/** This machine. */
export const thisMachine: Machine = {
  release: release(),
  readText(path) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return undefined;
    }
  },
};
