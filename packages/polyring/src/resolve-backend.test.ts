import { join } from 'node:path';
import type { Configured, DeferredBackend } from '@polyring/core';
import { rejects, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendModuleText } from './backend-module.test-support.js';
import { builtInBackends } from './built-in-backends.js';
import { resolveBackend } from './resolve-backend.js';

function named(value: string): Configured<string> {
  return { value, origin: { kind: 'environment', name: 'POLYRING_BACKEND' } };
}

async function nameOfLoaded(source: unknown): Promise<string> {
  return (await (source as DeferredBackend).load()).name;
}

test('auto, the names of candidates and backends themselves stay as they are', async () => {
  for (const name of ['auto', 'uring', 'epoll']) {
    assert.is(await resolveBackend(named(name), builtInBackends, '/'), name);
  }
  const [own] = builtInBackends as [DeferredBackend];
  assert.is(await resolveBackend({ value: own, origin: { kind: 'constructor' } }, [], '/'), own);
});

test("a package is resolved from the application's directory with import conditions", async () => {
  const directory = temporaryDirectory({
    'node_modules/@acme/backend/package.json': {
      name: '@acme/backend',
      exports: { '.': { require: './required.cjs', import: './imported.mjs' }, './other': './other.mjs' },
    },
    'node_modules/@acme/backend/required.cjs': 'throw new Error("resolved as if required");',
    'node_modules/@acme/backend/imported.mjs': backendModuleText('acme'),
    'node_modules/@acme/backend/other.mjs': backendModuleText('other'),
    'src/deep/file': '',
  });
  for (const place of [directory, join(directory, 'src/deep')]) {
    const backend = await resolveBackend(named('@acme/backend'), builtInBackends, place);
    assert.is((backend as DeferredBackend).name, '@acme/backend');
    assert.is(await nameOfLoaded(backend), 'acme');
  }
  assert.is(await nameOfLoaded(await resolveBackend(named('@acme/backend/other'), [], directory)), 'other');
});

test('a relative module is resolved from the directory, and one of a config file from beside the file', async () => {
  const directory = temporaryDirectory({
    'backend.mjs': backendModuleText('of-directory'),
    'config/backend.mjs': backendModuleText('of-config'),
  });
  assert.is(await nameOfLoaded(await resolveBackend(named('./backend.mjs'), [], directory)), 'of-directory');
  const origin = { kind: 'file', name: join(directory, 'config/.polyringrc') } as const;
  assert.is(await nameOfLoaded(await resolveBackend({ value: './backend.mjs', origin }, [], directory)), 'of-config');
});

test('the export named backend will do', async () => {
  const text = backendModuleText('named').replace('export default', 'export const backend =');
  const directory = temporaryDirectory({ 'backend.mjs': text });
  assert.is(await nameOfLoaded(await resolveBackend(named('./backend.mjs'), [], directory)), 'named');
});

test('a module that was compiled to CommonJS is taken as it was written', async () => {
  const text = `Object.defineProperty(exports, '__esModule', { value: true });
    exports.default = { name: 'compiled', priority: 1, minimumOpcodes: [], availability() {}, create() {} };`;
  const directory = temporaryDirectory({ 'backend.cjs': text });
  assert.is(await nameOfLoaded(await resolveBackend(named('./backend.cjs'), [], directory)), 'compiled');
});

test('what is neither a candidate nor a module is an error that says where the name came from', async () => {
  const directory = temporaryDirectory({ 'node_modules/acme/package.json': { name: 'acme', exports: './absent.mjs' } });
  for (const name of ['uringg', './absent.mjs', 'acme', 'acme/sub', 'node:fs/absent', 'http://localhost/a.mjs']) {
    const resolving = resolveBackend(named(name), builtInBackends, directory);
    const error = await rejects(resolving, 'ERR_POLYRING_CONFIG', `"${name}" (environment variable POLYRING_BACKEND)`);
    assert.ok(error.message.includes(`"auto", "uring", "epoll", and no module of that name`), error.message);
    assert.ok(error.message.includes(directory), error.message);
    assert.instance(error.cause, Error);
  }
});

test('a module whose backend lacks a member is an error that says which', async () => {
  const directory = temporaryDirectory({ 'half.mjs': backendModuleText('half').replace('create:', 'make:') });
  await rejects(
    nameOfLoaded(await resolveBackend(named('./half.mjs'), [], directory)),
    'ERR_POLYRING_CONFIG',
    /"\.\/half\.mjs" \(environment variable POLYRING_BACKEND\) is no backend\. .*"default".*"create" must be a function\./,
  );
});

test('a module without a backend is an error that says where its name came from and what it must export', async () => {
  const directory = temporaryDirectory({ 'empty.mjs': 'export default () => {};' });
  const file = join(directory, '.polyringrc');
  for (const [origin, place] of [
    [named('').origin, 'environment variable POLYRING_BACKEND'],
    [{ kind: 'file', name: file }, `config file ${file}`],
  ] as const) {
    const backend = await resolveBackend({ value: './empty.mjs', origin }, [], directory);
    const error = await rejects(nameOfLoaded(backend), 'ERR_POLYRING_CONFIG');
    assert.ok(error.message.startsWith(`The module "./empty.mjs" (${place}) is no backend. `), error.message);
    assert.match(error.message, /"default" or "backend"/);
  }
});

test.run();
