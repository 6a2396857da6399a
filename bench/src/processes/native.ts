import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MissingRival } from '../missing-rival.js';
import { COMPILED, NATIVE } from '../places.js';

const FLAGS = ['-O2', '-Wall', '-Wextra', '-pthread'];

/**
 * The binary of a native rival, compiled if its sources are newer.
 *
 * @throws {@link MissingRival} where there is no compiler, or the kernel's headers are too old
 */
export function compiled(name: string): string {
  const source = join(NATIVE, `${name}.c`);
  const binary = join(COMPILED, name);
  const headers = readdirSync(NATIVE).filter((file) => file.endsWith('.h'));
  const newest = Math.max(
    ...[source, ...headers.map((file) => join(NATIVE, file))].map((file) => statSync(file).mtimeMs),
  );
  if (existsSync(binary) && statSync(binary).mtimeMs >= newest) return binary;
  mkdirSync(COMPILED, { recursive: true });
  const compiler = process.env.CC ?? 'cc';
  // Another run may be compiling, or running, the same.
  const fresh = `${binary}-${process.pid}`;
  const { status, stderr, error } = spawnSync(compiler, [...FLAGS, '-o', fresh, source], { encoding: 'utf8' });
  if (error !== undefined)
    throw new MissingRival(`${compiler} cannot be run: ${error.message}. apt-get install gcc, or let CC name another`);
  if (status !== 0) throw new MissingRival(`${source} cannot be compiled here: ${stderr.split('\n')[0]}`);
  renameSync(fresh, binary);
  return binary;
}
