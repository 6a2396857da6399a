import { join } from 'node:path';
import { uringBackend } from '@polyring/backend-uring';
import { OPCODES } from '@polyring/core';
import { openDescriptorsTo, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendModuleText } from '../backend-module.test-support.js';
import { examine } from './examine.js';

const app = temporaryDirectory({ 'package.json': { name: 'app' } });
const hasRing = uringBackend.availability().available;

test('the machine, both backends and every opcode are told', async () => {
  const report = await examine({ directory: app, environment: {} });
  assert.is(report.ok, true);
  assert.is(report.system.node, process.version);
  assert.is(report.system.arch, process.arch);
  assert.match(report.system.kernel, /^\d+\.\d+/);
  assert.equal(
    report.backends.map(({ name, available }) => [name, available]),
    [
      ['uring', hasRing],
      ['epoll', true],
    ],
  );
  assert.equal(
    report.opcodes.map(({ opcode, name, since }) => ({ opcode, name, since })),
    OPCODES.map(({ opcode, name, since }) => ({ opcode, name, since })),
  );
  assert.is(report.opcodes[0]?.supported, hasRing);
  assert.is(report.auto.explanation?.taken, hasRing ? 'uring' : 'epoll');
  assert.equal(report.configured, report.auto);
  assert.equal(JSON.parse(JSON.stringify(report)), report);
});

test('the drivers that it makes are closed again', async () => {
  const before = openDescriptorsTo(/io_uring|eventpoll|timerfd|eventfd/);
  await examine({ directory: app, environment: {} });
  assert.equal(openDescriptorsTo(/io_uring|eventpoll|timerfd|eventfd/), before);
});

test('the kill switch is the reason and the origin, and no opcode is supported', async () => {
  const report = await examine({ directory: app, environment: { POLYRING_DISABLE_URING: '1' } });
  const [uring] = report.backends;
  assert.ok(uring?.available === false && uring.code === 'uring-kill-switch');
  assert.is(report.auto.explanation?.taken, 'epoll');
  assert.equal(report.settings.at(-1), {
    key: 'io_uring disabled',
    value: true,
    origin: { kind: 'kill-switch', name: 'POLYRING_DISABLE_URING' },
  });
  assert.not.ok(report.opcodes.some(({ supported }) => supported));
});

test('each configuration value is told with its origin, and what is taken with it beside what auto takes', async () => {
  const directory = temporaryDirectory({
    'package.json': { polyring: { strict: true, options: { entries: 64, entires: 8 } } },
  });
  const origin = { kind: 'file', name: join(directory, 'package.json') };
  const report = await examine({ directory, environment: { POLYRING_BACKEND: 'epoll' } });
  assert.equal(report.settings, [
    { key: 'backend', value: 'epoll', origin: { kind: 'environment', name: 'POLYRING_BACKEND' } },
    { key: 'strict', value: true, origin },
    { key: 'requireOpcodes', value: [], origin: { kind: 'default' } },
    { key: 'options.entries', value: 64, origin },
    { key: 'options.entires', value: 8, origin, foreign: true },
    { key: 'io_uring disabled', value: false, origin: { kind: 'default' } },
  ]);
  assert.is(report.configured.explanation?.taken, 'epoll');
  assert.is(report.configured.explanation?.strict, true);
  assert.is(report.auto.explanation?.strict, false);
});

test('a value that JSON cannot hold is told as text', async () => {
  const directory = temporaryDirectory({
    'polyring.config.mjs': `const list = [1n];
      const loop = {};
      loop.self = loop;
      function choose() {}
      export default {
        options: { closeTimeout: Infinity, big: 10n, loop, choose, list, seldom: { often: undefined }, held: [{ a: null }] },
      };`,
  });
  const report = await examine({ directory, environment: {} });
  const values = report.settings.filter(({ key }) => key.startsWith('options.')).map(({ key, value }) => [key, value]);
  assert.equal(values, [
    ['options.closeTimeout', 'Infinity'],
    ['options.big', '10n'],
    ['options.loop', '<ref *1> { self: [Circular *1] }'],
    ['options.choose', '[Function: choose]'],
    ['options.list', '[ 1n ]'],
    ['options.seldom', '{ often: undefined }'],
    ['options.held', [{ a: null }]],
  ]);
  assert.equal(JSON.parse(JSON.stringify(report)), report);
});

test('a backend that configuration brings in is examined as well', async () => {
  const directory = temporaryDirectory({ 'package.json': {}, 'own.mjs': backendModuleText('own') });
  const report = await examine({ directory, environment: { POLYRING_BACKEND: './own.mjs' } });
  assert.equal(
    report.backends.map(({ name, priority }) => [name, priority]),
    [
      ['./own.mjs', 50],
      ['uring', 200],
      ['epoll', 100],
    ],
  );
  const { taken, candidates } = report.configured.explanation ?? {};
  assert.equal([taken, candidates?.[0]?.priority], ['./own.mjs', 50]);
});

test('a backend of configuration that goes by the name of one of Polyring is told in its place', async () => {
  const directory = temporaryDirectory({
    'package.json': {},
    'polyring.config.mjs': `import own from './own.mjs';\nexport default { backend: own };`,
    'own.mjs': backendModuleText('epoll'),
  });
  const report = await examine({ directory, environment: {} });
  assert.equal(
    report.backends.map(({ name, priority }) => [name, priority]),
    [
      ['epoll', 50],
      ['uring', 200],
    ],
  );
  assert.equal(
    report.configured.explanation?.candidates.map(({ name }) => name),
    ['epoll', 'uring'],
  );
});

test('a backend whose module fails is told and does not end the examination', async () => {
  const directory = temporaryDirectory({ 'package.json': {}, 'own.mjs': 'throw new Error("of the module");' });
  const report = await examine({ directory, environment: { POLYRING_BACKEND: './own.mjs' } });
  const [own] = report.backends;
  assert.ok(own?.available === false && own.code === 'backend-faulty');
  assert.equal(own.error, { message: 'of the module' });
  assert.equal(report.configured, { error: { message: 'of the module' } });
  assert.is(report.ok, false);
});

test('a backend that gives no answer is told, and what is wrong with it', async () => {
  const text = backendModuleText('own').replace('availability: () =>', 'availability: async () =>');
  const directory = temporaryDirectory({ 'package.json': {}, 'own.mjs': text });
  const report = await examine({ directory, environment: { POLYRING_BACKEND: './own.mjs' } });
  const [own] = report.backends;
  assert.ok(own?.available === false && own.code === 'backend-faulty');
  assert.is(own.error?.code, 'ERR_INVALID_RETURN_VALUE');
  assert.match(own.reason, /"\.\/own\.mjs" must return an object, and at once\. Received an instance of Promise\.$/);
  assert.is(report.configured.error?.code, 'ERR_INVALID_RETURN_VALUE');
});

test('what never settles is told as failed after a while', async () => {
  const never = 'new Promise(() => {})';
  const unclosed = backendModuleText('own').replace(
    'epoll.create(options)',
    `Object.assign(epoll.create(options), { close: () => ${never} })`,
  );
  const own = { POLYRING_BACKEND: './own.mjs' };
  const stalls: readonly [files: object, environment: Record<string, string>, error: string, reason?: string][] = [
    [{ 'polyring.config.mjs': `export default await ${never};` }, {}, 'The config file has been loading for 2 s.'],
    [
      { 'own.mjs': `export default await ${never};` },
      own,
      'The driver has been opening for 2 s.',
      'It is faulty: The module "./own.mjs" has been loading for 2 s.',
    ],
    [{ 'own.mjs': unclosed }, own, 'The driver has been closing for 2 s.'],
  ];
  const examinations = stalls.map(async ([files, environment, error, reason]) => {
    const directory = temporaryDirectory({ 'package.json': {}, ...files });
    const report = await examine({ directory, environment }, 2_000);
    assert.equal([report.ok, report.configured], [false, { error: { message: error } }]);
    assert.ok(report.auto.explanation?.taken);
    const ownReport = report.backends.find(({ name }) => name === './own.mjs');
    assert.is(ownReport?.available === false ? ownReport.reason : undefined, reason);
  });
  await Promise.all(examinations);
});

test('a module that never loads is waited for once', async () => {
  const directory = temporaryDirectory({ 'package.json': {}, 'own.mjs': 'await new Promise(() => {});' });
  const begin = performance.now();
  const { backends, configured } = await examine({ directory, environment: { POLYRING_BACKEND: './own.mjs' } }, 5_000);
  assert.ok(performance.now() - begin < 10_000);
  assert.is(configured.error?.message, 'The driver has been opening for 5 s.');
  assert.is(backends[0]?.name, './own.mjs');
});

test('configuration that cannot be used is told, and what auto takes as well', async () => {
  const mistaken = temporaryDirectory({ '.polyringrc': { strict: 1 } });
  const refused = temporaryDirectory({ '.polyringrc': { options: { busyPoll: 10_001 } } });
  for (const places of [
    { directory: mistaken, environment: {} },
    { directory: refused, environment: {} },
    { directory: app, environment: { POLYRING_BACKEND: 'nothing' } },
  ]) {
    const report = await examine(places);
    assert.is(report.ok, false);
    assert.is(report.configured.error?.code, 'ERR_POLYRING_CONFIG');
    assert.ok(report.auto.explanation?.taken);
  }
});

test.run();
