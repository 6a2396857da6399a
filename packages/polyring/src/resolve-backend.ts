import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  AUTO,
  type BackendFactory,
  type BackendSource,
  type Configured,
  explainNoFactory,
  factoryOf,
  formatOrigin,
  namesOf,
  type Origin,
  PolyringError,
} from '@polyring/core';

const IMPORT_CONDITIONS = new Set(['node', 'import']);

/**
 * Finds the backend that configuration names: `auto` and the names of candidates stay as they are, any other name is
 * a module, such as an installed package, that exports a `BackendFactory` as `default` or as `backend`. It is resolved
 * with import conditions from the application's directory, from a config file's own directory if the file names it.
 * Nothing is ever searched for backends.
 *
 * @throws (rejects) ERR_POLYRING_CONFIG if it is neither, naming where the value came from
 */
export async function resolveBackend(
  { value, origin }: Configured<string | BackendSource>,
  candidates: readonly BackendSource[],
  directory: string,
): Promise<string | BackendSource> {
  if (typeof value !== 'string' || value === AUTO || candidates.some(({ name }) => name === value)) return value;
  const url = await resolveModule(value, origin, candidates, directory);
  let priority = 0;
  return {
    name: value,
    get priority() {
      return priority;
    },
    usesIoUring: false,
    load: async () => {
      const factory = await importFactory(`"${value}" (${formatOrigin(origin)})`, url);
      priority = factory.priority;
      return factory;
    },
  };
}

async function resolveModule(
  specifier: string,
  origin: Origin,
  candidates: readonly BackendSource[],
  directory: string,
): Promise<string> {
  // Imported here, as that takes a fifth of the time that a program needs to start, and few name a module.
  const { moduleResolve } = await import('import-meta-resolve');
  const base = origin.kind === 'file' && origin.name !== undefined ? dirname(origin.name) : directory;
  try {
    const url = moduleResolve(specifier, pathToFileURL(join(base, 'package.json')), IMPORT_CONDITIONS);
    if (url.protocol !== 'file:') throw new TypeError(`${url} is not a file.`);
    return url.href;
  } catch (error) {
    throw new PolyringError(
      'ERR_POLYRING_CONFIG',
      `There is no backend "${specifier}" (${formatOrigin(origin)}): it is none of ${namesOf(candidates)}, and ` +
        `no module of that name can be imported from ${base}. Correct the name, or install the package there.`,
      { cause: error },
    );
  }
}

/** @param called what the module is called, and by whom */
async function importFactory(called: string, url: string): Promise<BackendFactory> {
  const module = (await import(url)) as object;
  const factory = factoryOf(module);
  if (factory !== undefined) return factory;
  throw new PolyringError('ERR_POLYRING_CONFIG', `The module ${called} is no backend. ${explainNoFactory(module)}`);
}
