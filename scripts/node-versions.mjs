import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The major version of the Node.js that runs this. */
export const OWN_MAJOR = process.versions.node.split('.')[0];

/** The major versions that everything has to hold on. */
export const NODE_VERSIONS = ['20', '22', '24', '26'];

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

/**
 * A Node.js binary of a major version: this one, or one from npm.
 *
 * @param {string} version
 * @returns {{ node: string, name: string } | undefined} `name` is its whole version. Nothing if it cannot be had.
 */
export function findNode(version) {
  const node = version === OWN_MAJOR ? process.execPath : install(version);
  const name = node && spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return name?.startsWith(`v${version}.`) ? { node, name } : undefined;
}

/** Installs one version into a folder of its own, beside the workspace's packages but no part of them. */
function install(version) {
  const prefix = path.join(ROOT, 'node_modules/.cache/polyring-matrix', version);
  const binary = path.join(prefix, 'node_modules', NODE_PACKAGE, 'bin/node');
  if (existsSync(binary)) return binary;
  console.log(`installing ${NODE_PACKAGE}@${version}`);
  const args = ['install', '--prefix', prefix, '--no-save', '--no-package-lock', `${NODE_PACKAGE}@${version}`];
  spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return existsSync(binary) ? binary : undefined;
}
