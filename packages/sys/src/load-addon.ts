import { createRequire } from 'node:module';
import { join } from 'node:path';
import { invalidArgType, PolyringError } from '@polyring/core';

/**
 * Loads the addon of a package: the one that was built in its folder, or a prebuilt one.
 *
 * An addon that was built is tried first, by its name, since `node-gyp-build`, which finds either, takes longer to
 * load and to look around than everything else that a driver does at its start.
 *
 * @param root the package's folder
 * @param name the addon's, as in `binding.gyp`
 * @param packageName the package's, for the error's text
 * @throws ERR_INVALID_ARG_TYPE; ERR_POLYRING_ADDON with the error of `node-gyp-build`, which tries the same again, as its
 * cause
 */
export function loadAddon<T>(root: string, name: string, packageName: string): T {
  if (typeof name !== 'string') throw invalidArgType('name', 'of type string', name);
  if (typeof packageName !== 'string') throw invalidArgType('packageName', 'of type string', packageName);
  // The variable is node-gyp-build's.
  const built = process.env.PREBUILDS_ONLY ? undefined : builtAddon<T>(join(root, 'build/Release', `${name}.node`));
  if (built !== undefined) return built;
  const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => T;
  try {
    return load(root);
  } catch (cause) {
    throw addonError(packageName, cause);
  }
}

function addonError(packageName: string, cause: unknown): PolyringError {
  const [trouble] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1);
  return new PolyringError(
    'ERR_POLYRING_ADDON',
    `The native addon of ${packageName} could not be loaded: ${trouble}. ` +
      `If it was not built, install a C++17 compiler, make and python 3 and run "npm rebuild ${packageName}". ` +
      'If addons are refused, run node without --no-addons and, under the permission model, with --allow-addons.',
    { cause },
  );
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
