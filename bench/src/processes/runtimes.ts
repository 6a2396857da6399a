import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MissingRival } from '../missing-rival.js';
import { INSTALLED } from '../places.js';

/** A program that runs the compiled contestants. */
export interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installed: boolean;
}

/** The Node.js that runs the benchmark. */
export const THIS_NODE: Runtime = {
  name: `Node.js ${process.versions.node.split('.')[0]}`,
  command: process.execPath,
  args: [],
  env: {},
  installed: false,
};

function installed(name: string, path: string, args: readonly string[], env: Record<string, string> = {}): Runtime {
  return { name, command: join(INSTALLED, 'node_modules', path), args, env, installed: true };
}

export const BUN = installed('Bun', '@oven/bun-linux-x64/bin/bun', ['--no-install'], { DO_NOT_TRACK: '1' });

export const DENO = installed(
  'Deno',
  '@deno/linux-x64-glibc/deno',
  ['run', '--allow-all', '--no-config', '--no-remote', '--quiet'],
  { DENO_NO_UPDATE_CHECK: '1' },
);

/** The other versions of Node.js. */
export const OTHER_NODES: readonly Runtime[] = ['22', '24', '26']
  .map((version) => installed(`Node.js ${version}`, `node-${version}/bin/node`, []))
  .filter(({ name }) => name !== THIS_NODE.name);

const ALL_RUNTIMES: readonly Runtime[] = [THIS_NODE, ...OTHER_NODES, BUN, DENO];

/** @throws {@link MissingRival} */
export function requireRuntime({ name, command }: Runtime): void {
  if (!existsSync(command)) throw new MissingRival(`${name} is not installed: npm run bench:install`);
}

/** The versions of the runtimes that are there, by their names. */
export function runtimeVersions(): Record<string, string> {
  return Object.fromEntries(
    ALL_RUNTIMES.filter(({ command }) => existsSync(command)).map(({ name, command }) => {
      const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
      return [name, stdout.match(/\d+\.\d+\.\d+\S*/)?.[0] ?? 'unknown'];
    }),
  );
}
