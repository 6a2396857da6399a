import { join } from 'node:path';
import { uringBackend } from '@polyring/backend-uring';
import {
  type BackendFactory,
  type BackendUnavailableError,
  IORING_OP_NOP,
  IORING_OP_READ,
  IORING_OP_SPLICE,
  nop,
  selectDriver,
} from '@polyring/core';
import { rejects, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendModuleText } from './backend-module.test-support.js';
import { builtInBackends } from './built-in-backends.js';
import { type CreateDriverOptions, createDriver, resolveRequest } from './create-driver.js';

const app = temporaryDirectory({ 'package.json': { name: 'app' }, 'backend.mjs': backendModuleText('own') });

/** What is taken, by configuration of the test's only. */
async function taken(options: CreateDriverOptions): Promise<string> {
  const { driver, explanation } = await createDriver({ directory: app, environment: {}, ...options });
  await driver.close();
  return explanation.taken as string;
}

test('each backend of Polyring has the name and the priority by which it is known before it is loaded', async () => {
  for (const backend of builtInBackends) {
    const { name, priority, minimumOpcodes } = await backend.load();
    assert.equal([backend.name, backend.priority, backend.usesIoUring], [name, priority, minimumOpcodes.length > 0]);
  }
});

test('auto takes io_uring where it is available, and epoll otherwise', async () => {
  assert.is(await taken({}), uringBackend.availability().available ? 'uring' : 'epoll');
});

test('the result is a driver that works and the explanation of the choice', async () => {
  const { driver, explanation } = await createDriver({ backend: 'epoll', directory: app, environment: {} });
  assert.is(driver.name, 'epoll');
  assert.equal(explanation, {
    requested: 'epoll',
    strict: false,
    requiredOpcodes: [],
    taken: 'epoll',
    candidates: [
      { name: 'epoll', priority: 100, outcome: 'taken' },
      { name: 'uring', priority: 200, outcome: 'not-tried' },
    ],
  });
  const timer = driver.newDynTimer();
  assert.is(typeof timer.pollTimer(() => {}), 'number');
  timer[Symbol.dispose]();
  await driver.close();
  assert.is(driver.closed, true);
});

test('the program comes before the environment, and the environment before the config file', async () => {
  const directory = temporaryDirectory({
    'package.json': { polyring: { backend: './backend.mjs' } },
    'backend.mjs': backendModuleText('own'),
  });
  const environment = { POLYRING_BACKEND: 'epoll' };
  const other: BackendFactory = { ...(await loaded('epoll')), name: 'other', priority: 1 };
  assert.is(await taken({ directory }), './backend.mjs');
  assert.is(await taken({ directory, environment }), 'epoll');
  assert.is(await taken({ directory, environment, backends: [other], backend: 'other' }), 'other');
  assert.is(await taken({ directory, environment, backend: other }), 'other');
  assert.not.equal(await taken({ directory, configFile: false }), './backend.mjs');
});

test("a backend of the program's that has the name of one of Polyring's stands in its place", async () => {
  const epoll = await loaded('epoll');
  const made: unknown[] = [];
  const counting: BackendFactory = {
    ...epoll,
    create: (options) => {
      const driver = epoll.create(options);
      made.push(driver);
      return driver;
    },
  };
  for (const choice of [{ backend: 'epoll', strict: true }, { environment: { POLYRING_DISABLE_URING: '1' } }]) {
    const { driver, explanation } = await createDriver({
      directory: app,
      environment: {},
      backends: [counting],
      ...choice,
    });
    await driver.close();
    assert.is(made.pop(), driver);
    assert.equal(explanation.candidates.map(({ name }) => name).sort(), ['epoll', 'uring']);
  }
  const { driver, explanation } = await createDriver({ directory: app, environment: {}, backends: [uringBackend] });
  await driver.close();
  assert.equal(
    explanation.candidates.map(({ name }) => name),
    ['uring', 'epoll'],
  );
});

test('the kill switch wins over the program', async () => {
  const environment = { POLYRING_DISABLE_URING: '1' };
  for (const backend of ['auto', 'uring', uringBackend]) {
    const { driver, explanation } = await createDriver({ directory: app, environment, backend });
    assert.is(driver.name, 'epoll');
    const [first] = explanation.candidates;
    assert.ok(first?.outcome === 'passed-over' && first.code === 'uring-kill-switch');
    await driver.close();
  }
  await rejects(
    createDriver({ directory: app, environment, backend: 'uring', strict: true }),
    'ERR_POLYRING_BACKEND_UNAVAILABLE',
    /uring: passed over \(uring-kill-switch\).*Unset POLYRING_DISABLE_URING/,
  );
});

test('required opcodes rule out epoll', async () => {
  const environment = { POLYRING_DISABLE_URING: '1' };
  const { explanation } = await rejects<BackendUnavailableError>(
    createDriver({ directory: app, environment, requireOpcodes: [IORING_OP_NOP] }),
    'ERR_POLYRING_BACKEND_UNAVAILABLE',
  );
  assert.equal(
    explanation.candidates.map((candidate) => candidate.outcome === 'passed-over' && candidate.code),
    ['uring-kill-switch', 'opcode-missing'],
  );
});

test('opcodes are required by name as well, with or without the prefix', async () => {
  const requireOpcodes = ['SPLICE', 'IORING_OP_READ', IORING_OP_NOP];
  const request = await resolveRequest(builtInBackends, { directory: app, environment: {}, requireOpcodes });
  assert.equal(request.requireOpcodes, [IORING_OP_SPLICE, IORING_OP_READ, IORING_OP_NOP]);
  await rejects(
    createDriver({ directory: app, requireOpcodes: ['SPLICE', 'SPLIZE'] }),
    'ERR_INVALID_ARG_VALUE',
    'The argument "requireOpcodes[1]" must be an opcode such as "IORING_OP_READ" or 22. Received SPLIZE',
  );
});

test('the options reach the driver, and a wrong one is an error and no reason to fall back', async () => {
  await rejects(
    createDriver({ directory: app, environment: {}, backend: 'uring', options: { entries: -1 } }),
    'ERR_OUT_OF_RANGE',
    /"options\.entries"/,
  );
});

test('what a program gives is checked as what a file holds is, and the error names the key', async () => {
  const faults: readonly [options: object, code: string, key: string][] = [
    [{ bakend: 'epoll' }, 'ERR_INVALID_ARG_VALUE', 'bakend'],
    [{ backend: 7 }, 'ERR_INVALID_ARG_TYPE', 'backend'],
    [{ strict: 'no' }, 'ERR_INVALID_ARG_TYPE', 'strict'],
    [{ requireOpcodes: 22 }, 'ERR_INVALID_ARG_TYPE', 'requireOpcodes'],
    [{ requireOpcodes: [22, 256] }, 'ERR_OUT_OF_RANGE', 'requireOpcodes[1]'],
    [{ requireOpcodes: [22, true] }, 'ERR_INVALID_ARG_TYPE', 'requireOpcodes[1]'],
    [{ options: null }, 'ERR_INVALID_ARG_TYPE', 'options'],
    [{ options: { entries: '256' } }, 'ERR_INVALID_ARG_TYPE', 'options.entries'],
    [{ options: { busyPoll: -1 } }, 'ERR_OUT_OF_RANGE', 'options.busyPoll'],
    [{ options: { poolExhausted: 'maybe' } }, 'ERR_INVALID_ARG_VALUE', 'options.poolExhausted'],
    [{ directory: null }, 'ERR_INVALID_ARG_TYPE', 'directory'],
    [{ directory: '/a\0b' }, 'ERR_INVALID_ARG_VALUE', 'directory'],
    [{ configFile: 'a\0b' }, 'ERR_INVALID_ARG_VALUE', 'configFile'],
    [{ configFile: true }, 'ERR_INVALID_ARG_TYPE', 'configFile'],
    [{ environment: 'PATH' }, 'ERR_INVALID_ARG_TYPE', 'environment'],
  ];
  for (const [wrong, code, key] of faults) {
    const options = { directory: app, environment: {}, ...wrong } as CreateDriverOptions;
    const requestAndSelect = () => resolveRequest(builtInBackends, options).then(selectDriver);
    for (const ask of [() => createDriver(options), requestAndSelect]) {
      await rejects(ask(), code, `"${key}"`);
    }
  }
});

test("what is none of a program's backends is called as the program calls it", async () => {
  await rejects(createDriver({ backends: {} as [] }), 'ERR_INVALID_ARG_TYPE', '"backends"');
  const { create, ...half } = await loaded('epoll');
  for (const [backend, name] of [
    [null, 'backends[1]'],
    [{ ...half, name: 'half' }, 'backends[1].create'],
  ]) {
    const backends = [uringBackend, backend] as BackendFactory[];
    const creating = createDriver({ directory: app, environment: {}, backends });
    await rejects(creating, 'ERR_INVALID_ARG_TYPE', `"${name}"`);
  }
});

test('what a program leaves undefined it leaves open, and a close may take forever', async () => {
  const open = { backend: undefined, strict: undefined, requireOpcodes: undefined, options: undefined };
  const others = { backends: undefined, configFile: undefined, environment: {}, directory: app };
  assert.type(await taken({ ...open, ...others }), 'string');
  assert.type(await taken({ options: { closeTimeout: Number.POSITIVE_INFINITY } }), 'string');
});

test('both backends take a busy poll', async () => {
  for (const backend of ['uring', 'epoll']) {
    const make = (busyPoll: number) =>
      createDriver({ directory: app, environment: {}, backend, options: { busyPoll } });
    const { driver } = await make(10_000);
    await driver.close();
    await rejects(make(10_001), 'ERR_OUT_OF_RANGE', /"options\.busyPoll"/);
  }
});

test('an option of the config file that a backend refuses is an error that names the file and the key', async () => {
  const directory = temporaryDirectory({ 'package.json': { polyring: { options: { busyPoll: 10_001 } } } });
  const error = await rejects(createDriver({ directory, environment: {} }), 'ERR_POLYRING_CONFIG');
  assert.ok(error.message.startsWith(`${join(directory, 'package.json')}: `), error.message);
  assert.match(error.message, /"options\.busyPoll" is out of range/);
  assert.is((error.cause as NodeJS.ErrnoException).code, 'ERR_OUT_OF_RANGE');
  await rejects(createDriver({ directory, environment: {}, options: { busyPoll: 10_002 } }), 'ERR_OUT_OF_RANGE');
});

test('a mistaken name is an error and no reason to fall back', async () => {
  await rejects(createDriver({ directory: app, environment: { POLYRING_BACKEND: 'ure' } }), 'ERR_POLYRING_CONFIG');
  await rejects(createDriver('uring' as CreateDriverOptions), 'ERR_INVALID_ARG_TYPE');
});

test('a request over candidates takes no backends beside them', async () => {
  const candidates = [await loaded('epoll')];
  await rejects(
    // @ts-expect-error
    resolveRequest(candidates, { backends: [uringBackend] }),
    'ERR_INVALID_ARG_VALUE',
    /"options" must be an object with no keys but (?!.*backends,).*"backends"/,
  );
});

test('candidates of somebody else can be chosen from with the same configuration', async () => {
  const own: BackendFactory = { ...(await loaded('epoll')), name: 'own', priority: 1 };
  const request = await resolveRequest([own], { directory: app, environment: { POLYRING_BACKEND: 'own' } });
  assert.is(request.backend, 'own');
  const { driver, explanation } = await selectDriver(request);
  assert.equal(explanation.candidates.length, 1);
  await assert.not.throws(() => driver.ioUringProbe(nop().opcode));
  await driver.close();
});

async function loaded(name: string): Promise<BackendFactory> {
  const backend = builtInBackends.find((candidate) => candidate.name === name);
  assert.ok(backend);
  return backend.load();
}

test.run();
