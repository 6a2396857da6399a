#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { endWithParent } from './end-with-parent.mjs';
import { exitOnSignals } from './exit-on-signals.mjs';
import { pack } from './pack.mjs';
import { signalGroup } from './test-runner/process-group.mjs';

const USAGE = `Usage: node scripts/try-packed.mjs [--keep] [-- command ...]

Judges examples/poll-backend as a third party would: packs it with core, sys and testkit, installs the tarballs in a
temporary project outside of this repository, and runs a command there. Ends with the command's exit code.
Without a command: npx --no-install polyring-testkit polyring-backend-poll
Build first: npm run build

  --keep  leave the project where it is and say where`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORKSPACES = ['packages/core', 'packages/sys', 'packages/testkit', 'examples/poll-backend'];
const JUDGE = ['npx', '--no-install', 'polyring-testkit', 'polyring-backend-poll'];

const { keep, command } = readArguments(
  USAGE,
  { allowPositionals: true, options: { keep: { type: 'boolean', default: false } } },
  ({ values: { keep }, positionals }) => ({ keep, command: positionals.length > 0 ? positionals : JUDGE }),
);
exitOnSignals();
const project = mkdtempSync(path.join(tmpdir(), 'polyring-packed-'));
process.once('exit', () => {
  if (keep) console.log(`kept: ${project}`);
  else rmSync(project, { recursive: true, force: true });
});
try {
  await install();
  const [program, ...args] = command;
  process.exitCode = await run(program, args);
} catch (error) {
  console.error(`try-packed: ${error.message}`);
  process.exitCode = 1;
}

async function install() {
  const folders = WORKSPACES.map((workspace) => path.join(ROOT, workspace));
  const tarballs = await pack(path.join(project, 'tarballs'), folders);
  // npm 12 and later run no install script that the project does not approve of.
  const allowScripts = Object.fromEntries(tarballs.map((tarball) => [`file:${tarball}`, true]));
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', allowScripts }));
  const code = await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs]);
  if (code !== 0) throw new Error(`npm install ended with exit code ${code}`);
}

async function run(program, args) {
  const child = spawn(program, args, { cwd: project, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  endWithParent(child, () => signalGroup(child.pid, 'SIGKILL'));
  const [code, signal] = await once(child, 'exit');
  if (signal !== null) console.error(`${program} was ended by ${signal}`);
  return code ?? 1;
}
