import { spawnSync } from 'node:child_process';
import { temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import backend, { epollBackend } from './index.js';

test('the package offers one backend under its name, below the ring', () => {
  assert.is(backend, epollBackend);
  assert.is(backend.name, 'epoll');
  assert.is(backend.priority, 100);
  assert.equal(backend.minimumOpcodes, []);
});

test('it is available on Linux and makes drivers', async () => {
  assert.equal(backend.availability(), { available: true });
  for (const driver of [backend.create(), backend.create({ entries: 8 })]) {
    assert.is(driver.name, 'epoll');
    await driver.close();
  }
});

test('elsewhere it says why not and what to do', () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
  Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
  try {
    assert.equal(backend.availability(), {
      available: false,
      exhausted: false,
      code: 'epoll-not-linux',
      reason: "epoll is Linux's, and this is darwin.",
      remedy: 'Use Linux.',
    });
  } finally {
    Object.defineProperty(process, 'platform', platform);
  }
});

test('without the addon of @polyring/sys it is not available, and says what to build', () => {
  const ask = `
    import backend from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
    const { code, remedy } = backend.availability();
    console.log(code, remedy);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', ask], {
    encoding: 'utf8',
    env: { ...process.env, POLYRING_SYS_ADDON_ROOT: temporaryDirectory({ 'package.json': { name: '@polyring/sys' } }) },
  });
  assert.is(stderr, '');
  assert.match(stdout, /^epoll-addon-missing .*npm rebuild @polyring\/sys.*npm install-scripts approve @polyring\/sys/);
});

test.run();
