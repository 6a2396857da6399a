import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../test-support/dist/index.js';
import { pack, publishedWorkspaces } from './pack.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const TEST_FILE = /\.test(-support)?\./;

/** Whether the kernel grants a ring is another matter. */
const FIND = `
import { uringBackend } from '@polyring/backend-uring';
import { close, eventfd } from '@polyring/sys';

close(eventfd());
const { available, code, reason } = uringBackend.availability();
console.log(available || !code.includes('addon') ? 'both' : reason);
`;

const JUDGE = `
import { loadSubject, runRules } from '@polyring/testkit';

const ids = ['lifecycle.idle-lets-end', 'lifecycle.worker-closes'];
const subject = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));
const results = await runRules(subject, { filter: ({ id }) => ids.includes(id) });
console.log(results.map(({ outcome, error }) => error ?? outcome).join(' '));
`;

/** The npm that is installed, with what it says as npm 12 would say it. */
const npm12 = (PATH) => `#!/usr/bin/env node
const { execFileSync } = require('node:child_process');
const env = { ...process.env, PATH: ${JSON.stringify(PATH)} };
const told = JSON.parse(execFileSync('npm', process.argv.slice(2), { env, maxBuffer: 1 << 26 }));
console.log(JSON.stringify(Object.fromEntries(Object.values(told).map((one) => [one.name, one]))));
`;

const packing = suite('packing');

packing('every tarball has the licence, a README of its own, what the package exports, and no tests', async () => {
  const licence = readFileSync(path.join(ROOT, 'LICENSE'), 'utf8');
  const tarballs = await pack(temporaryDirectory());
  assert.is(tarballs.length, publishedWorkspaces().length);
  for (const tarball of tarballs) {
    const { name, exports, devDependencies } = JSON.parse(read(tarball, 'package.json'));
    assert.is(read(tarball, 'LICENSE'), licence, name);
    assert.ok(read(tarball, 'README.md').startsWith(`# ${name}\n`), name);
    assert.is(devDependencies, undefined, name);
    const tests = list(tarball).filter((file) => TEST_FILE.test(file));
    assert.equal(tests, [], name);
    for (const file of Object.values(exports['.'])) assert.ok(read(tarball, file).length > 0, `${name}: ${file}`);
  }
});

packing('a packed backend finds its addon, and that of the system calls', async () => {
  assert.is(await runPacked(['core', 'sys', 'backend-uring'], FIND), 'both\n');
});

packing('a packed kit finds the modules of the processes and threads that its rules start', async () => {
  assert.is(await runPacked(['core', 'sys', 'backend-epoll', 'testkit'], JUDGE), 'passed passed\n');
});

packing('classes are called what their source calls them', async () => {
  const folder = temporaryDirectory();
  const [tarball] = await pack(folder, [path.join(ROOT, 'packages/core')]);
  writeFileSync(path.join(folder, 'index.mjs'), read(tarball, 'dist/index.js'));
  const packed = await import(pathToFileURL(path.join(folder, 'index.mjs')).href);
  assert.is(packed.Entry.name, 'Entry');
  for (const [name, item] of Object.entries(packed)) if (typeof item === 'function') assert.is(item.name, name);
});

packing('npm may tell of the tarballs by their names, as it does from version 12 on', async () => {
  const folder = temporaryDirectory();
  const { PATH } = process.env;
  writeFileSync(path.join(folder, 'npm'), npm12(PATH), { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  try {
    const target = path.join(folder, 'tarballs');
    const [tarball, ...others] = await pack(target, [path.join(ROOT, 'packages/backend-epoll')]);
    assert.equal([path.dirname(tarball), others], [target, []]);
    assert.ok(existsSync(tarball));
  } finally {
    process.env.PATH = PATH;
  }
});

packing('an interruption leaves nothing behind', async () => {
  const folder = temporaryDirectory();
  const changes = watch(folder);
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/pack.mjs'), path.join(folder, 'tarballs')], {
    env: { ...process.env, TMPDIR: folder },
    stdio: 'ignore',
  });
  for await (const { filename } of changes) if (filename.startsWith('polyring-pack-')) break;
  child.kill('SIGINT');
  assert.equal(await once(child, 'exit'), [130, null]);
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('polyring-pack-')),
    [],
  );
});

packing('what cannot be packed is told, and ends the command with 1', () => {
  const args = [path.join(ROOT, 'scripts/pack.mjs'), tmpdir(), path.join(ROOT, 'nowhere')];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(stderr, /^pack: .*nowhere/);
});

packing.run();

/** What a program prints to which packages are installed as they are packed, and what they need of others. */
async function runPacked(names, program) {
  const folder = temporaryDirectory();
  const modules = path.join(folder, 'node_modules');
  const workspaces = names.map((name) => path.join(ROOT, 'packages', name));
  const tarballs = await pack(path.join(folder, 'tarballs'), workspaces);
  for (const [index, workspace] of workspaces.entries()) {
    const target = path.join(modules, '@polyring', path.basename(workspace));
    mkdirSync(target, { recursive: true });
    spawnSync('tar', ['-xzf', tarballs[index], '-C', target, '--strip-components=1']);
    // What installing it would build.
    if (existsSync(path.join(workspace, 'build')))
      symlinkSync(path.join(workspace, 'build'), path.join(target, 'build'));
  }
  for (const name of readdirSync(path.join(ROOT, 'node_modules')))
    if (!existsSync(path.join(modules, name)))
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  writeFileSync(path.join(folder, 'program.mjs'), program);
  const { POLYRING_SYS_ADDON_ROOT, POLYRING_URING_ADDON_ROOT, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [path.join(folder, 'program.mjs')], { env, encoding: 'utf8' });
  assert.is(stderr, '');
  return stdout;
}

function list(tarball) {
  return spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).stdout.trimEnd().split('\n');
}

function read(tarball, file) {
  const args = ['-xzOf', tarball, path.join('package', file)];
  return spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;
}
