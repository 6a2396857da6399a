import { onlyReading, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../run-script.test-support.js';
import { addonError } from './binding.js';

const SHOW = `
  console.log(sys.addonError.code, sys.addonError.cause.code);
  for (const call of [() => sys.eventfd(), () => new sys.LoopWatch(0, () => {})]) {
    try {
      call();
    } catch (error) {
      console.log(error === sys.addonError);
    }
  }
  console.log(sys.addonError.message);
`;

test('an addon that was loaded has no error', () => {
  assert.is(addonError, undefined);
});

test('a missing addon lets the package be imported, and every call names the remedy', async () => {
  const env = { POLYRING_SYS_ADDON_ROOT: temporaryDirectory({ 'package.json': { name: '@polyring/sys' } }) };
  const { code, stdout, stderr } = await runScript(SHOW, { env });
  assert.is(code, 0, stderr);
  assert.match(stdout, /^ERR_POLYRING_ADDON undefined\ntrue\ntrue\n/);
  assert.match(stdout, /No native build was found/);
  assert.match(
    stdout,
    /compiler.*python.*npm rebuild @polyring\/sys.*npm install-scripts approve @polyring\/sys.*pnpm approve-builds/,
  );
});

test('addons that are refused are told from one that is missing', async () => {
  for (const flags of [['--no-addons'], onlyReading()]) {
    const { code, stdout, stderr } = await runScript(SHOW, { flags });
    assert.is(code, 0, stderr);
    assert.match(stdout, /^ERR_POLYRING_ADDON ERR_DLOPEN_DISABLED\ntrue\ntrue\n/);
    assert.match(stdout, /--no-addons.*--allow-addons/s);
  }
});

test.run();
