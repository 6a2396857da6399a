import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MissingRival } from '../missing-rival.js';
import { INSTALLED } from '../places.js';

/** Whether a package of `bench/installed` is there. */
export function isInstalled(name: string): boolean {
  return existsSync(join(INSTALLED, 'node_modules', name));
}

/** @throws {@link MissingRival} */
export function requireInstalled(name: string): void {
  if (!isInstalled(name)) throw new MissingRival(`${name} is not installed: npm run bench:install`);
}

/** Installs what `bench/installed` lists, by its lock file. About 800 MB. Whether it went well. */
export function install(): boolean {
  const headers = dirname(dirname(process.execPath));
  const env = existsSync(join(headers, 'include/node/node.h'))
    ? { ...process.env, npm_config_nodedir: headers }
    : process.env;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: INSTALLED, env, stdio: 'inherit' });
  return status === 0;
}
