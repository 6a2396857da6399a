import { readFileSync, type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleResolve } from 'import-meta-resolve';
import { firstLine } from '../report/reported-error.js';
import { CommandError } from './command-error.js';

const CONDITIONS = new Set(['node', 'import']);

/**
 * Finds the module that is meant: a file, the package in a directory, or what an import of that name in the directory
 * of the call would find.
 *
 * @param specifier as it was given
 * @param directory absolute
 * @returns its URL
 * @throws CommandError with exit code 2 if there is none
 */
export function findSubject(specifier: string, directory: string): string {
  const path = resolve(directory, specifier);
  const stats = statSync(path, { throwIfNoEntry: false });
  try {
    return stats === undefined ? resolveModule(specifier, directory) : onDisk(path, stats);
  } catch (error) {
    throw new CommandError(2, `There is no module "${specifier}". ${firstLine(error)}`);
  }
}

function onDisk(path: string, stats: Stats): string {
  return stats.isDirectory() ? packageIn(path) : pathToFileURL(path).href;
}

/** A package with `exports` resolves its own name; one without has a main file. */
function packageIn(directory: string): string {
  const file = join(directory, 'package.json');
  const { name, exports } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; exports?: unknown };
  if (name !== undefined && exports !== undefined) return resolveModule(name, directory);
  return pathToFileURL(createRequire(file).resolve(directory)).href;
}

function resolveModule(specifier: string, directory: string): string {
  return moduleResolve(specifier, pathToFileURL(join(directory, 'package.json')), CONDITIONS).href;
}
