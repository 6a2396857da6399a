#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listWorkspaces } from './test-runner/find-tests.mjs';

const USAGE = `Usage: node scripts/pack.mjs <folder> [workspace folder ...]

Packs workspaces into tarballs as they would be published, and prints their paths; without workspaces all of packages/.
Build first: npm run build`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Packs workspaces as they would be published.
 *
 * @param {string} folder Where the tarballs go; made if it is missing.
 * @param {string[]} [workspaces] Folders; all of packages/ by default.
 * @returns {string[]} The tarballs' absolute paths.
 */
export function pack(folder, workspaces = publishedWorkspaces()) {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces];
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  return JSON.parse(stdout).map(({ filename }) => path.join(folder, filename));
}

/** The folders of the packages that are published. */
export function publishedWorkspaces() {
  return listWorkspaces(ROOT).filter((workspace) => path.dirname(workspace) === path.join(ROOT, 'packages'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { folder, workspaces } = readOptions();
  for (const tarball of pack(folder, workspaces)) console.log(tarball);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const [folder, ...workspaces] = positionals.map((name) => path.resolve(name));
    if (folder === undefined) throw new Error('the folder for the tarballs is missing');
    return { folder, workspaces: workspaces.length > 0 ? workspaces : undefined };
  } catch (error) {
    console.error(`pack: ${error.message}`);
    process.exit(2);
  }
}
