import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PolyringError } from '@polyring/core';

const TO_LEAVE_OUT =
  'Its code was taken out of its package, where the addon is, as by a bundler. Have the bundler leave polyring and ' +
  '@polyring/* out (esbuild --packages=external), and install them beside the bundle.';

/** The error of an addon that could not be loaded: `ERR_POLYRING_ADDON`, with the loader's own error as its cause. */
export class AddonError extends PolyringError {
  readonly #remedy: string;

  /**
   * @param packageName the package whose addon it is
   * @param root the folder in which the addon was looked for
   */
  constructor(packageName: string, root: string, cause: unknown) {
    const [trouble] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1);
    const remedy = isFolderOf(packageName, root) ? toBuild(packageName) : TO_LEAVE_OUT;
    super('ERR_POLYRING_ADDON', `The native addon of ${packageName} could not be loaded: ${trouble}. ${remedy}`, {
      cause,
    });
    this.#remedy = remedy;
  }

  /** What to do about it, in sentences. */
  get remedy(): string {
    return this.#remedy;
  }
}

/** Whether a folder is that of the package, or may not be read. A bundle carries the code of a package to another folder. */
function isFolderOf(packageName: string, root: string): boolean {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name === packageName;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function toBuild(packageName: string): string {
  return (
    `If it was not built, install a C++17 compiler, make and python 3 and run "npm rebuild ${packageName}", from npm 12 on ` +
    `after "npm install-scripts approve ${packageName}"; with pnpm run "pnpm approve-builds". ` +
    'If addons are refused, run node without --no-addons and, under the permission model, with --allow-addons.'
  );
}
