import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportsOf, type Origin, type PolyringError, type SettingsLayer } from '@polyring/core';
import { applicationRoot } from './application-root.js';
import { checkConfig, configError } from './config-schema.js';

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

const MODULE_ENDINGS: readonly string[] = ['.js', '.mjs', '.cjs'];
const ENDINGS: readonly string[] = ['', '.json', ...MODULE_ENDINGS];

/**
 * Finds and checks the config file that is in force for a directory. The search goes up to the root of the
 * application, the nearest directory with a package.json, and not beyond.
 *
 * @returns undefined if there is none
 * @throws ERR_POLYRING_CONFIG, naming the file and the key, also where a file cannot be read, or where one may not be
 * looked for
 */
export async function findConfigFile(directory: string): Promise<SettingsLayer | undefined> {
  const start = resolve(directory);
  const root = applicationRoot(start);
  for (let current = start; ; current = dirname(current)) {
    for (const path of CONFIG_PLACES.map((place) => join(current, place))) {
      const layer = isThere(path) ? await readLayer(path) : undefined;
      if (layer !== undefined) return layer;
    }
    if (current === root) return undefined;
  }
}

/**
 * Reads and checks one config file.
 *
 * @throws ERR_POLYRING_CONFIG, naming the file and the key, also where the file cannot be read
 */
export async function readConfigFile(path: string): Promise<SettingsLayer> {
  const absolute = resolve(path);
  if (!ENDINGS.includes(extname(absolute))) {
    const taken = ENDINGS.filter((ending) => ending !== '').join(', ');
    throw configError(absolute, `has an ending that is not taken. Taken are ${taken}, and none.`);
  }
  return (await readLayer(absolute)) ?? { origin: originOf(absolute), settings: {} };
}

/**
 * Whether a file is to be read. Where that is not told it may be, and is in force then; so is what a link should lead to.
 *
 * Not asked by `node:fs/promises`: Node.js 20 aborts the process if a worker is terminated inside of such a call.
 */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw unreadable(path, error);
  }
}

/** The settings of a file. Undefined for a package.json without the key. */
async function readLayer(path: string): Promise<SettingsLayer | undefined> {
  const content = await load(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const key = basename(path) === 'package.json' ? 'polyring' : undefined;
  const config = key === undefined ? content : (content as Record<string, unknown> | null)?.[key];
  if (key !== undefined && config === undefined) return undefined;
  return { origin: originOf(path), settings: checkConfig(config, path, key) };
}

/** What a file holds: a module as its default export, any other as JSON. */
async function load(path: string): Promise<unknown> {
  const text = readFileSync(path, 'utf8');
  // A module may be empty, and then exports an object without a setting.
  if (text.trim() === '') throw new SyntaxError('The file is empty');
  if (MODULE_ENDINGS.includes(extname(path))) {
    return exportsOf(await import(pathToFileURL(path).href)).default;
  }
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

function originOf(path: string): Origin {
  return { kind: 'file', name: path };
}

function unreadable(path: string, error: unknown): PolyringError {
  return configError(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
}
