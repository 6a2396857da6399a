import { createRequire } from 'node:module';
import { join } from 'node:path';
import { invalidArgType } from '@polyring/core';

/**
 * Loads the addon of a package: the one that was built in its folder, or a prebuilt one.
 *
 * An addon that was built is tried first, by its name, since `node-gyp-build`, which finds either, takes longer to
 * load and to look around than everything else that a driver does at its start.
 *
 * @param root the package's folder
 * @param name the addon's, as in `binding.gyp`
 * @throws ERR_INVALID_ARG_TYPE; the error of `node-gyp-build`, which tries the same again
 */
export function loadAddon<T>(root: string, name: string): T {
  if (typeof name !== 'string') throw invalidArgType('name', 'of type string', name);
  // The variable is node-gyp-build's.
  const built = process.env.PREBUILDS_ONLY ? undefined : builtAddon<T>(join(root, 'build/Release', `${name}.node`));
  if (built !== undefined) return built;
  const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => T;
  return load(root);
}

function builtAddon<T>(path: string): T | undefined {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
    return module.exports as T;
  } catch {
    return undefined;
  }
}
