import { spawnSync } from 'node:child_process';
import { compileIoUringDenial, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';

const IMPORT = `import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};`;

const ASK = `
  ${IMPORT}
  const { code, remedy } = uringBackend.availability();
  let thrown;
  try {
    uringBackend.create();
  } catch (error) {
    thrown = { code: error.code, message: error.message };
  }
  console.log(JSON.stringify({ code, remedy, thrown }));
`;

/** What the backend says where the addon of a package is missing, whose folder a variable names. */
function without(variable: string, name: string) {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', ASK], {
    encoding: 'utf8',
    env: { ...process.env, [variable]: temporaryDirectory({ 'package.json': { name } }) },
  });
  assert.is(stderr, '');
  return JSON.parse(stdout);
}

test('without its addon the backend is not available, and says what to build', () => {
  const { code, remedy, thrown } = without('POLYRING_URING_ADDON_ROOT', '@polyring/backend-uring');
  assert.is(code, 'uring-addon-missing');
  assert.match(remedy, /npm rebuild @polyring\/backend-uring.*npm install-scripts approve @polyring\/backend-uring/);
  assert.is(thrown.code, 'ERR_POLYRING_ADDON');
  assert.match(thrown.message, /^The native addon of @polyring\/backend-uring .*npm rebuild @polyring\/backend-uring/);
});

test('without the addon of @polyring/sys it is not available either, and says what to build', () => {
  const { code, remedy, thrown } = without('POLYRING_SYS_ADDON_ROOT', '@polyring/sys');
  assert.is(code, 'uring-sys-addon-missing');
  assert.match(remedy, /npm rebuild @polyring\/sys.*npm install-scripts approve @polyring\/sys/);
  assert.is(thrown.code, 'ERR_POLYRING_ADDON');
  assert.match(thrown.message, /^The native addon of @polyring\/sys .*npm rebuild @polyring\/sys/);
});

test('where the system denies rings the error of a driver says who does, and what to do', () => {
  const program = [process.execPath, '--input-type=module', '-e', ASK];
  const { stdout, stderr } = spawnSync(compileIoUringDenial(), program, { encoding: 'utf8' });
  assert.is(stderr, '');
  const { code, remedy, thrown } = JSON.parse(stdout);
  assert.match(code, /^uring-(denied-by-seccomp|disabled)/);
  assert.is(thrown.code, 'EPERM');
  assert.match(thrown.message, /^EPERM: operation not permitted, io_uring_setup\. /);
  assert.ok(thrown.message.endsWith(remedy), thrown.message);
});

/** How many bounded workers a thread's first driver has, where the thread is that of a new process and where it is a worker's. */
function boundedWorkers(before: string): number[] {
  const body = `
    ${IMPORT}
    ${before}
    const driver = uringBackend.create();
    console.log(driver.ioUring.workerLimits().bounded);
    await driver.close();
  `;
  const url = `data:text/javascript,${encodeURIComponent(body)}`;
  const inWorker = `new (await import('node:worker_threads')).Worker(new URL(${JSON.stringify(url)}));`;
  return [body, inWorker].map((script) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.is(stderr, '');
    return Number(stdout);
  });
}

const { available } = uringBackend.availability();

if (available) {
  test('looking whether there is a ring leaves the rings of the thread the workers that they have without that', () => {
    const asked = boundedWorkers('uringBackend.availability();');
    assert.equal(
      asked,
      boundedWorkers('').map((bounded) => Math.min(bounded, 256)),
    );
    assert.ok(asked.every((bounded) => bounded > 1));
  });
}

test.run();
