import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { COMPILED, CONTESTANTS, ROOT } from '../places.js';

const PACKAGES = ['core', 'sys', 'backend-uring', 'backend-epoll', 'polled', 'polyring'];

let made: string | undefined;

/**
 * A folder in which programs find Polyring as an installation from npm has it: packed, unpacked, with its addons
 * built. It is this run's own, and goes with it. What Polyring itself depends on is found in the repository, above.
 *
 * @param scripts names of contestants to put there
 */
export function packedProject(scripts: readonly string[]): string {
  made ??= make();
  for (const script of scripts) cpSync(join(CONTESTANTS, `${script}.js`), join(made, `${script}.js`));
  return made;
}

/**
 * A program of {@link packedProject} in one file with what it uses of Polyring, its addons beside it.
 *
 * @returns the file
 */
export function inOneFile(script: string): string {
  const folder = packedProject([script]);
  const file = join(folder, 'one-file/dist', `${script}.js`);
  buildSync({
    entryPoints: [join(folder, `${script}.js`)],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  for (const name of PACKAGES) {
    const addons = join(folder, 'node_modules/@polyring', name, 'build');
    if (existsSync(addons)) cpSync(addons, join(folder, 'one-file/build'), { recursive: true });
  }
  return file;
}

function make(): string {
  mkdirSync(COMPILED, { recursive: true });
  const folder = mkdtempSync(join(COMPILED, 'packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Config files are looked for up to here.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  const tarballs = run(process.execPath, [join(ROOT, 'scripts/pack.mjs'), join(folder, 'tarballs'), ...folders]);
  for (const [index, tarball] of tarballs.trim().split('\n').entries()) {
    const name = PACKAGES[index] as string;
    const target = join(folder, 'node_modules', name === 'polyring' ? name : `@polyring/${name}`);
    mkdirSync(target, { recursive: true });
    run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    const addons = join(ROOT, 'packages', name, 'build/Release');
    if (existsSync(addons)) {
      cpSync(addons, join(target, 'build/Release'), {
        recursive: true,
        filter: (file) => !/obj\.target|\.deps/.test(file),
      });
    }
  }
  return folder;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout;
}
