import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from './run-script.test-support.js';

const BUILT = join(
  process.env.POLYRING_SYS_ADDON_ROOT ?? fileURLToPath(new URL('..', import.meta.url)),
  'build/Release/polyring_sys.node',
);

const USE = `
  if (sys.addonError !== undefined) throw sys.addonError;
  sys.close(sys.eventfd());
  console.log('used');
`;

type Addon = 'sound' | 'broken' | 'none';

function put(folder: string, name: string, addon: Addon): void {
  if (addon === 'none') return;
  mkdirSync(folder, { recursive: true });
  if (addon === 'sound') copyFileSync(BUILT, join(folder, name));
  else writeFileSync(join(folder, name), 'no ELF');
}

/** What becomes of a use of the addon where the package's folder holds these. */
async function use(built: Addon, prebuilt: Addon, env: NodeJS.ProcessEnv = {}) {
  const root = mkdtempSync(join(tmpdir(), 'polyring-addon-'));
  try {
    put(join(root, 'build/Release'), 'polyring_sys.node', built);
    put(join(root, `prebuilds/linux-${process.arch}`), 'node.napi.node', prebuilt);
    return await runScript(USE, { env: { POLYRING_SYS_ADDON_ROOT: root, ...env } });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('where nothing was built the prebuilt addon is loaded', async () => {
  const { code, stdout, stderr } = await use('none', 'sound');
  assert.is(code, 0, stderr);
  assert.is(stdout, 'used\n');
});

test('an addon that was built comes before a prebuilt one', async () => {
  const { code, stdout, stderr } = await use('sound', 'broken');
  assert.is(code, 0, stderr);
  assert.is(stdout, 'used\n');
});

test('an addon that was built and cannot be loaded is an error, which says why', async () => {
  const { code, stderr } = await use('broken', 'sound');
  assert.is(code, 1);
  assert.match(stderr, /ERR_POLYRING_ADDON/);
  assert.match(stderr, /polyring_sys\.node/);
});

test('PREBUILDS_ONLY leaves what was built alone', async () => {
  const { code, stderr } = await use('sound', 'broken', { PREBUILDS_ONLY: '1' });
  assert.is(code, 1);
  assert.match(stderr, /node\.napi\.node/);
});

test.run();
