import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlyReading, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PACKAGE_ROOT } from '../package-root.js';
import { runScript } from '../run-script.test-support.js';

const BUILT = join(process.env.POLYRING_SYS_ADDON_ROOT ?? PACKAGE_ROOT, 'build/Release/polyring_sys.node');

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

interface Conditions {
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the permission model lets nothing be read but the application. */
  readonly narrow?: boolean;
}

/** What becomes of a use of the addon where the package's folder holds these. */
function use(built: Addon, prebuilt: Addon, { env, narrow = false }: Conditions = {}) {
  const root = temporaryDirectory();
  put(join(root, 'build/Release'), 'polyring_sys.node', built);
  put(join(root, `prebuilds/linux-${process.arch}`), 'node.napi.node', prebuilt);
  const flags = narrow ? [...onlyReading(root), '--allow-addons'] : [];
  return runScript(USE, { env: { POLYRING_SYS_ADDON_ROOT: root, ...env }, flags });
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
  const { code, stderr } = await use('sound', 'broken', { env: { PREBUILDS_ONLY: '1' } });
  assert.is(code, 1);
  assert.match(stderr, /node\.napi\.node/);
});

test('where the permission model lets the application alone be read an addon is found, built or prebuilt', async () => {
  for (const [built, prebuilt] of [
    ['sound', 'none'],
    ['none', 'sound'],
  ] as const) {
    const { code, stdout, stderr } = await use(built, prebuilt, { narrow: true });
    assert.is(code, 0, stderr);
    assert.is(stdout, 'used\n');
  }
});

test('where the application alone can be read, what is missing or broken is still said', async () => {
  for (const [prebuilt, env, text] of [
    ['none', {}, /polyring_sys\.node: cannot open shared object file/],
    ['broken', {}, /node\.napi\.node/],
    ['none', { PREBUILDS_ONLY: '1' }, /No native build was found/],
  ] as const) {
    const { code, stderr } = await use('none', prebuilt, { env, narrow: true });
    assert.is(code, 1);
    assert.match(stderr, /ERR_POLYRING_ADDON/);
    assert.match(stderr, text);
  }
});

test.run();
