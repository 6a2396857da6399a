#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pack } from './pack.mjs';

const USAGE = `Usage: node scripts/try-packed.mjs [--keep] [-- command ...]

Judges examples/custom-backend as a third party would: packs it with core, sys and testkit, installs the tarballs in a
temporary project outside of this repository, and runs a command there. Ends with the command's exit code.
Without a command: npx --no-install polyring-testkit polyring-backend-poll
Build first: npm run build

  --keep  leave the project where it is and say where`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORKSPACES = ['packages/core', 'packages/sys', 'packages/testkit', 'examples/custom-backend'];
const JUDGE = ['npx', '--no-install', 'polyring-testkit', 'polyring-backend-poll'];

const { keep, command } = readOptions();
const project = mkdtempSync(path.join(tmpdir(), 'polyring-packed-'));
try {
  await install();
  const [program, ...args] = command;
  process.exitCode = run(program, args);
} finally {
  if (keep) console.log(`kept: ${project}`);
  else rmSync(project, { recursive: true, force: true });
}

async function install() {
  const folders = WORKSPACES.map((workspace) => path.join(ROOT, workspace));
  const tarballs = await pack(path.join(project, 'tarballs'), folders);
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const code = run('npm', ['install', '--no-audit', '--no-fund', ...tarballs]);
  if (code !== 0) throw new Error(`npm install ended with exit code ${code}`);
}

function run(program, args) {
  const { status, signal, error } = spawnSync(program, args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw error;
  if (signal !== null) console.error(`${program} was ended by ${signal}`);
  return status ?? 1;
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return { keep: values.keep, command: positionals.length > 0 ? positionals : JUDGE };
  } catch (error) {
    console.error(`try-packed: ${error.message}`);
    process.exit(2);
  }
}
