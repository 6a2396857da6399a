import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { invalidArgType } from '@polyring/core';
import { AddonError } from './addon-error.js';

/**
 * Loads the addon of a package: the one that was built in its folder, or a prebuilt one.
 *
 * An addon that was built is tried first, by its name, since `node-gyp-build`, which finds either, takes longer to
 * load and to look around than everything else that a driver does at its start.
 *
 * @param root the package's folder
 * @param name the addon's, as in `binding.gyp`
 * @param packageName the package's, for the error's text
 * @throws ERR_INVALID_ARG_TYPE; {@link AddonError} with the error of the last attempt as its cause
 */
export function loadAddon<T>(root: string, name: string, packageName: string): T {
  if (typeof root !== 'string') throw invalidArgType('root', 'of type string', root);
  if (typeof name !== 'string') throw invalidArgType('name', 'of type string', name);
  if (typeof packageName !== 'string') throw invalidArgType('packageName', 'of type string', packageName);
  let trouble: unknown = new Error('No native build was found');
  for (const attempt of attempts<T>(root, name)) {
    try {
      return attempt();
    } catch (error) {
      trouble = error;
    }
  }
  throw new AddonError(packageName, root, trouble);
}

function* attempts<T>(root: string, name: string): Generator<() => T, void> {
  // The variable is node-gyp-build's.
  if (!process.env.PREBUILDS_ONLY) yield () => openAddon<T>(join(root, 'build/Release', `${name}.node`));
  const load = nodeGypBuild<T>();
  if (load !== undefined) yield () => load(root);
  else for (const path of prebuilt(root)) yield () => openAddon<T>(path);
}

/**
 * What finds addons of any kind. Undefined where it cannot be loaded: it looks at `/etc/alpine-release` as it is, which
 * the permission model forbids unless it is told otherwise.
 */
function nodeGypBuild<T>(): ((root: string) => T) | undefined {
  try {
    return createRequire(import.meta.url)('node-gyp-build');
  } catch {
    return undefined;
  }
}

/** The prebuilt addons for this processor, those for musl before those for glibc: musl loads either, and glibc its own. */
function prebuilt(root: string): string[] {
  const folder = join(root, 'prebuilds', `linux-${process.arch}`);
  try {
    const files = readdirSync(folder).sort().reverse();
    return files.map((file) => join(folder, file));
  } catch {
    return [];
  }
}

function openAddon<T>(path: string): T {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as T;
}
