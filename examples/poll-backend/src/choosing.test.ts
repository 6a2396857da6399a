import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DriverContainer, driverModule, SELECTION } from '@polyring/core/container';
import { createDriver, resolveRequest } from 'polyring';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pollModule } from './container.js';

const PACKAGE = 'polyring-backend-poll';

/** An application that has this package installed, with a config file that names it. */
const application = mkdtempSync(join(tmpdir(), 'polyring-example-'));
mkdirSync(join(application, 'node_modules'));
symlinkSync(fileURLToPath(new URL('..', import.meta.url)), join(application, 'node_modules', PACKAGE));
writeFileSync(join(application, 'package.json'), '{ "private": true }');
const configFile = join(application, 'polyring.config.json');
writeFileSync(configFile, JSON.stringify({ backend: PACKAGE }));

test.after(() => rmSync(application, { recursive: true }));

test('a program chooses the backend by the name of its package', async () => {
  const options = {
    backend: PACKAGE,
    strict: true,
    directory: application,
    configFile: false,
    environment: {},
  } as const;
  const { driver, explanation } = await createDriver(options);
  assert.is(driver.name, 'poll');
  assert.is(explanation.taken, PACKAGE);
  await driver.close();
});

test('a config file chooses it, and so does the environment', async () => {
  for (const places of [
    { environment: {} },
    { environment: { POLYRING_BACKEND: PACKAGE }, configFile: false as const },
  ]) {
    const { driver } = await createDriver({ directory: application, ...places });
    assert.is(driver.name, 'poll');
    await driver.close();
  }
});

test('a container chooses it by its own name among the backends that are bound', async () => {
  await using container = new DriverContainer();
  container.load(
    pollModule,
    driverModule((candidates) => resolveRequest(candidates, { backend: 'poll', configFile: false, environment: {} })),
  );
  const { driver, explanation } = await container.getAsync(SELECTION);
  assert.is(driver.name, 'poll');
  assert.is(explanation.taken, 'poll');
});

test('polyring doctor says that it is taken, and from where', () => {
  const command = join(createRequire(import.meta.url).resolve('polyring/package.json'), '../dist/cli.js');
  const { POLYRING_BACKEND: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'doctor', '--json'], {
    cwd: application,
    env,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  const report = JSON.parse(stdout);
  assert.is(report.configured.explanation.taken, PACKAGE);
  assert.equal(report.settings[0], { key: 'backend', value: PACKAGE, origin: { kind: 'file', name: configFile } });
});

test.run();
