#!/usr/bin/env node
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { readArguments } from './arguments.mjs';
import { endWithParent } from './end-with-parent.mjs';
import { exitOnSignals } from './exit-on-signals.mjs';
import { listWorkspaces } from './workspaces.mjs';

const USAGE = `Usage: node scripts/pack.mjs <folder> [workspace folder ...]

Packs workspaces into tarballs as they would be published, and prints their paths; without workspaces all of packages/.
Build first: npm run build`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Packs workspaces as they would be published. The entry of a published package is bundled: the loader of modules
 * takes a good part of a millisecond for each file, and a package has up to a hundred of them. It gets the licence of
 * the repository, which npm takes from beside a package.json only. It names no development dependencies, as some are
 * private to the repository.
 *
 * @param {string} folder Where the tarballs go; made if it is missing.
 * @param {string[]} [workspaces] Folders; all of packages/ by default.
 * @returns {Promise<string[]>} The tarballs' absolute paths.
 */
export async function pack(folder, workspaces = publishedWorkspaces()) {
  mkdirSync(folder, { recursive: true });
  const stage = mkdtempSync(path.join(tmpdir(), 'polyring-pack-'));
  const remove = () => rmSync(stage, { recursive: true });
  process.once('exit', remove);
  try {
    const staged = [];
    for (const [index, tarball] of (await packAsTheyAre(stage, workspaces)).entries()) {
      const unpacked = path.join(stage, String(index));
      mkdirSync(unpacked);
      await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
      if (isPublished(workspaces[index])) {
        await bundleEntry(unpacked);
        dropDevelopmentDependencies(path.join(unpacked, 'package.json'));
        copyFileSync(path.join(ROOT, 'LICENSE'), path.join(unpacked, 'LICENSE'));
      }
      staged.push(unpacked);
    }
    return await packAsTheyAre(folder, staged);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function packAsTheyAre(folder, workspaces) {
  const { stdout } = await run('npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    folder,
    ...workspaces,
  ]);
  // A list of them up to npm 11, an object by their names from npm 12 on.
  return Object.values(JSON.parse(stdout)).map(({ filename }) => path.join(folder, filename));
}

/** Puts the modules of a package that its entry leads to into the entry, where they find what lies beside them as before. */
async function bundleEntry(folder) {
  const entry = path.join(folder, 'dist/index.js');
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outfile: entry,
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // The engine reads all of it at each start.
    minifyWhitespace: true,
    lineLimit: 120,
    sourcemap: true,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) writeFileSync(path, path === entry ? nameClasses(text) : text);
}

/**
 * Gives classes their names back. esbuild makes `X = class _X` of a class that speaks of itself, and an inspection or
 * the text of an error would show that. A space for the underscore leaves each column where the source map has it.
 */
function nameClasses(code) {
  for (const [, name] of code.matchAll(/\b(\w+)=class _\1\b/g))
    code = code.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), ` ${name}`);
  return code;
}

function dropDevelopmentDependencies(file) {
  const { devDependencies, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

function run(command, args) {
  const running = promisify(execFile)(command, args, { cwd: ROOT, maxBuffer: Number.POSITIVE_INFINITY });
  endWithParent(running.child);
  return running;
}

/** The folders of the packages that are published. */
export function publishedWorkspaces() {
  return listWorkspaces(ROOT).filter(isPublished);
}

function isPublished(workspace) {
  return path.dirname(path.resolve(workspace)) === path.join(ROOT, 'packages');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { folder, workspaces } = readArguments(USAGE, { allowPositionals: true }, ({ positionals }) => {
    const [folder, ...workspaces] = positionals.map((name) => path.resolve(name));
    if (folder === undefined) throw new Error('the folder for the tarballs is missing');
    return { folder, workspaces: workspaces.length > 0 ? workspaces : undefined };
  });
  exitOnSignals();
  try {
    for (const tarball of await pack(folder, workspaces)) console.log(tarball);
  } catch (error) {
    console.error(`pack: ${error.message}`);
    process.exitCode = 1;
  }
}
