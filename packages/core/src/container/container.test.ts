import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rejectionOf, rejects, temporaryDirectory } from '@polyring/test-support';
import { init, parse } from 'es-module-lexer';
import { Container as ForeignContainer } from 'inversify';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Driver } from '../contract/driver.js';
import type { BackendFactory } from '../selection/factory.js';
import { FakeBackend, refused } from '../selection/fake-backend.test-support.js';
import type { DriverHolder } from './driver-holder.js';

const BUNDLE = new URL('../container-bundle/index.js', import.meta.url);
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** What users import: the bundle, not the modules that this test is compiled with. */
const { BACKEND, backendModule, DRIVER, DriverContainer, driverModule, inject, injectable, SELECTION } = (await import(
  BUNDLE.href
)) as typeof import('./index.js');

const environment = {};

/** A container with backends, and a driver that is selected from them. */
function containerOf(...backends: BackendFactory[]) {
  const container = new DriverContainer();
  container.load(
    ...backends.map(backendModule),
    driverModule((candidates) => ({ candidates, environment })),
  );
  return container;
}

function closesOf(driver: Driver | undefined): () => number {
  assert.ok(driver);
  const close = driver.close.bind(driver);
  let closes = 0;
  driver.close = () => {
    closes += 1;
    return close();
  };
  return () => closes;
}

test('the tokens are registered symbols, so that two copies of the package agree', () => {
  for (const token of [BACKEND, DRIVER, SELECTION]) assert.match(String(Symbol.keyFor(token as symbol)), /^polyring\./);
});

test('every backend that is bound is a candidate, whichever module brought it', async () => {
  const [low, high] = [new FakeBackend('low'), new FakeBackend('high', { priority: 1 })];
  await using container = containerOf(low, high);
  assert.equal(await container.getAllAsync(BACKEND), [low, high]);
  const { driver, explanation } = await container.getAsync(SELECTION);
  assert.is(explanation.taken, 'high');
  assert.is(driver, high.drivers[0]);
});

test('everybody gets the same driver, and it is made when it is first asked for', async () => {
  const backend = new FakeBackend('only');
  await using container = containerOf(backend);
  assert.is(backend.drivers.length, 0);
  const drivers = await Promise.all([container.getAsync(DRIVER), container.getAsync(DRIVER)]);
  assert.is(drivers[0], drivers[1]);
  assert.is((await container.getAsync(SELECTION)).driver, drivers[0]);
  assert.is(backend.drivers.length, 1);
});

test('a class gets the driver injected', async () => {
  class Store {
    constructor(readonly driver: Driver) {}
  }
  injectable()(Store);
  inject(DRIVER)(Store, undefined, 0);
  const backend = new FakeBackend('only');
  await using container = containerOf(backend);
  container.bind(Store).toSelf();
  assert.is((await container.getAsync(Store)).driver, backend.drivers[0]);
});

test('disposing of the container closes its driver exactly once', async () => {
  for (const dispose of [
    (container: InstanceType<typeof DriverContainer>) => container[Symbol.asyncDispose](),
    (container: InstanceType<typeof DriverContainer>) => container.unbindAllAsync(),
    async (container: InstanceType<typeof DriverContainer>) => {
      await Promise.all([container.unbindAllAsync(), container[Symbol.asyncDispose]()]);
      await container.unbindAllAsync();
    },
  ]) {
    const backend = new FakeBackend('only');
    const container = containerOf(backend);
    const driver = await container.getAsync(DRIVER);
    await container.getAsync(SELECTION);
    const closes = closesOf(driver);
    await dispose(container);
    assert.is(closes(), 1);
    assert.is(driver.closed, true);
  }
});

test('unloading the module of the driver closes it, and one that was not asked for is never made', async () => {
  const backend = new FakeBackend('only');
  const asked = driverModule((candidates) => ({ candidates, environment }));
  const other = driverModule((candidates) => ({ candidates, environment }));
  const container = new DriverContainer();
  container.load(backendModule(backend), asked, other);
  const drivers = await container.getAllAsync(DRIVER);
  assert.is(drivers.length, 2);
  await container.unloadAsync(asked);
  assert.equal(
    backend.drivers.map(({ closed }) => closed),
    [true, false],
  );
  await container[Symbol.asyncDispose]();
  assert.is(backend.drivers[1]?.closed, true);

  const idle = containerOf(backend);
  await idle[Symbol.asyncDispose]();
  assert.is(backend.drivers.length, 2);
});

test('a driver that is still being selected when the container is disposed of is closed as well', async () => {
  const backend = new FakeBackend('only');
  const container = containerOf(backend);
  const asked = container.getAsync(DRIVER);
  await container[Symbol.asyncDispose]();
  assert.is((await asked).closed, true);
  assert.is(backend.drivers.length, 1);
});

for (const defaultScope of ['Transient', 'Singleton'] as const) {
  test(`a selection that failed is tried again, and does not prevent the end, where the default is ${defaultScope}`, async () => {
    const backend = new FakeBackend('only');
    let isAvailable = false;
    const container = new DriverContainer({ defaultScope });
    const changeable: BackendFactory = {
      name: 'only',
      priority: 0,
      minimumOpcodes: [],
      availability: () => (isAvailable ? { available: true } : refused('away')),
      create: (options) => backend.create(options),
    };
    container.load(
      backendModule(changeable),
      driverModule((candidates) => ({ candidates, environment })),
    );
    await rejects(container.getAsync(DRIVER), 'ERR_POLYRING_BACKEND_UNAVAILABLE');
    isAvailable = true;
    assert.is(await container.getAsync(DRIVER), backend.drivers[0]);
    isAvailable = false;
    await container[Symbol.asyncDispose]();
    assert.is(backend.drivers[0]?.closed, true);
  });
}

test('without any backend the error is that of a selection without candidates', async () => {
  const container = new DriverContainer();
  container.load(driverModule());
  await rejects(container.getAsync(DRIVER), 'ERR_POLYRING_BACKEND_UNAVAILABLE');
});

/** Has POLYRING_BACKEND set meanwhile. */
async function withBackend(name: string, run: () => Promise<void>): Promise<void> {
  const before = process.env.POLYRING_BACKEND;
  process.env.POLYRING_BACKEND = name;
  try {
    await run();
  } finally {
    if (before === undefined) delete process.env.POLYRING_BACKEND;
    else process.env.POLYRING_BACKEND = before;
  }
}

test('by default the environment names the backend', async () => {
  await withBackend('low', async () => {
    await using container = new DriverContainer();
    const [low, high] = [new FakeBackend('low'), new FakeBackend('high', { priority: 1 })];
    container.load(backendModule(high), backendModule(low), driverModule());
    assert.is((await container.getAsync(SELECTION)).explanation.taken, 'low');
  });
});

test('a name in the environment that no bound backend has is an error that says where it came from', async () => {
  await withBackend('./own.mjs', async () => {
    await using container = new DriverContainer();
    container.load(backendModule(new FakeBackend('only')), driverModule());
    const error = await rejectionOf(container.getAsync(DRIVER));
    assert.is(error.code, 'ERR_POLYRING_CONFIG');
    assert.match(
      error.message,
      '"./own.mjs" (environment variable POLYRING_BACKEND). Choose one of "auto", "only", or',
    );
    assert.match(error.message, 'driverModule(resolveRequest)');
  });
});

test("the modules load into a container of the application's own inversify", async () => {
  const backend = new FakeBackend('only');
  const container = new ForeignContainer();
  container.load(
    backendModule(backend),
    driverModule((candidates) => ({ candidates, environment })),
  );
  const driver = await container.getAsync(DRIVER);
  const closes = closesOf(driver);
  await container.unbindAllAsync();
  assert.is(closes(), 1);
});

test('a driver holder that was closed refuses, and tells of its container', async () => {
  const { DriverHolder: Holder } = await import('./driver-holder.js');
  const holder: DriverHolder = new Holder(() => Promise.reject(new Error('not asked for')));
  await holder.close();
  const { code, message } = await rejectionOf(holder.open());
  assert.is(code, 'ERR_POLYRING_CLOSED');
  assert.is(message, 'This container was closed. Make a new one.');
});

test('the bundle imports nothing but files of this package, least of all inversify', async () => {
  await init;
  const [imports] = parse(readFileSync(BUNDLE, 'utf8'));
  const specifiers = imports.map(({ specifier }) => specifier);
  assert.ok(specifiers.length > 0);
  for (const specifier of specifiers) assert.match(String(specifier), /^\.\.\//);
  const required = readFileSync(BUNDLE, 'utf8').match(/\brequire\(/g);
  assert.is(required, null);
});

test('the licences of what is inside are beside the bundle', () => {
  const text = readFileSync(new URL('LICENSES.txt', BUNDLE), 'utf8');
  for (const name of ['inversify', '@inversifyjs/container', '@inversifyjs/core', 'reflect-metadata']) {
    assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, (MIT|Apache-2\\.0)$`, 'm'));
  }
});

const USER = `
  import { backendModule, DRIVER, DriverContainer, driverModule, SELECTION } from '@polyring/core/container';
  import type { BackendFactory, Driver } from '@polyring/core';
  declare const backend: BackendFactory;
  const container: DriverContainer = new DriverContainer({ defaultScope: 'Singleton' });
  container.load(backendModule(backend), driverModule((candidates) => ({ candidates, backend: 'own' })));
  const driver: Driver = await container.getAsync(DRIVER);
  const taken: string | undefined = (await container.getAsync(SELECTION)).explanation.taken;
  // @ts-expect-error a driver is no number
  const wrong: number = driver;
  await container[Symbol.asyncDispose]();
  export { taken, wrong };`;

test('a TypeScript user is served without inversify being installed', () => {
  const { resolve } = createRequire(import.meta.url);
  const options = { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, skipLibCheck: false };
  const lib = ['es2022', 'esnext.disposable'];
  const types = [resolve('@types/node/package.json').replace('/package.json', '')];
  const folder = temporaryDirectory({
    'tsconfig.json': { compilerOptions: { ...options, lib, types, preserveSymlinks: true }, files: ['user.mts'] },
    'user.mts': USER,
    'node_modules/@polyring/core/package.json': readFileSync(join(PACKAGE, 'package.json'), 'utf8'),
  });
  symlinkSync(join(PACKAGE, 'dist'), join(folder, 'node_modules/@polyring/core/dist'));
  const tsc = join(resolve('typescript/package.json'), '../bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  assert.is(status, 0, stdout);
});

test.run();
