import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads the addon of a package: the one that was built in its folder, or a prebuilt one.
 *
 * An addon that was built is tried first, by its name, since `node-gyp-build`, which finds either, takes longer to
 * load and to look around than everything else that a driver does at its start.
 *
 * @param root the package's folder
 * @param name the addon's, as in `binding.gyp`
 * @throws what the loader throws, and the error of `node-gyp-build` where there is no addon
 */
export function loadAddon<T>(root: string, name: string): T {
  const module = { exports: {} };
  try {
    process.dlopen(module, join(root, 'build/Release', `${name}.node`));
    return module.exports as T;
  } catch {
    const load = createRequire(import.meta.url)('node-gyp-build') as (folder: string) => T;
    return load(root);
  }
}
