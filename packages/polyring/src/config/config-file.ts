import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PolyringError, SettingsLayer } from '@polyring/core';
import type { AsyncSearcher, Loader } from 'lilconfig';
import { applicationRoot } from './application-root.js';
import { checkConfig, configError } from './config-schema.js';

// By `require`, as the first `import` of a CommonJS module has Node.js load a lexer (bench/NOTES.md); and at once, as a
// program that has given up its privileges since may not be able to read it.
const { defaultLoaders, lilconfig } = createRequire(import.meta.url)('lilconfig') as typeof import('lilconfig');

/** Where configuration is looked for in each directory; `package.json` under the key `polyring`. The first one decides. */
export const CONFIG_PLACES: readonly string[] = [
  'package.json',
  '.polyringrc',
  '.polyringrc.json',
  'polyring.config.json',
  'polyring.config.js',
  'polyring.config.mjs',
  'polyring.config.cjs',
];

/** Names the file in the error of a loader. */
function named(load: Loader): Loader {
  return async (path, content) => {
    try {
      return await load(path, content);
    } catch (error) {
      throw unreadable(path, error);
    }
  };
}

/** Loads a module, of either kind. lilconfig's own goes on to `require`, and tells what that says of a syntax error. */
async function loadModule(path: string): Promise<unknown> {
  return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
}

const LOADERS = Object.fromEntries(
  Object.entries({ ...defaultLoaders, '.js': loadModule, '.mjs': loadModule, '.cjs': loadModule }).map(
    ([extension, load]) => [extension, named(load)],
  ),
);

/**
 * Finds and checks the config file that is in force for a directory. The search goes up to the root of the
 * application, the nearest directory with a package.json, and not beyond.
 *
 * @returns undefined if there is none
 * @throws ERR_POLYRING_CONFIG, naming the file and the key, also where a file cannot be read
 */
export async function findConfigFile(directory: string): Promise<SettingsLayer | undefined> {
  const start = resolve(directory);
  const root = await applicationRoot(start);
  try {
    const found = await searcher(root).search(start);
    return found === null ? undefined : layer(found.filepath, found.config);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw unreadable(error.path ?? (await firstUnreadable(start, root)), error);
  }
}

/**
 * Reads and checks one config file.
 *
 * @throws ERR_POLYRING_CONFIG, naming the file and the key, also where the file cannot be read
 */
export async function readConfigFile(path: string): Promise<SettingsLayer> {
  const absolute = resolve(path);
  try {
    const found = await searcher(dirname(absolute)).load(absolute);
    return layer(absolute, found?.config ?? {});
  } catch (error) {
    throw isSystemError(error) ? unreadable(absolute, error) : error;
  }
}

/** The first place of a search that exists and cannot be read, for an error that does not say: EISDIR has no path. */
async function firstUnreadable(start: string, root: string): Promise<string> {
  for (let current = start; ; current = dirname(current)) {
    for (const path of CONFIG_PLACES.map((place) => join(current, place))) {
      const trouble = await readFile(path).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (trouble !== undefined && trouble !== 'ENOENT') return path;
    }
    if (current === root) return start;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function unreadable(path: string, error: unknown): PolyringError {
  return configError(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
}

function searcher(stopDir: string): AsyncSearcher {
  return lilconfig('polyring', { searchPlaces: [...CONFIG_PLACES], loaders: LOADERS, stopDir, cache: false });
}

function layer(path: string, config: unknown): SettingsLayer {
  return { origin: { kind: 'file', name: path }, settings: checkConfig(config, path) };
}
