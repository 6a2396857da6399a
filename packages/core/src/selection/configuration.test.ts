import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatOrigin, resolveConfiguration, type SettingsLayer, settingsOf } from './configuration.js';

const file: SettingsLayer = {
  origin: { kind: 'file', name: '/app/package.json' },
  settings: { backend: 'of-file', strict: true, options: { entries: 1, poolLimit: 1 } },
};
const environment = { POLYRING_BACKEND: 'of-environment' };
const program = { backend: 'of-program', options: { entries: 2 } };

test('with nothing given the defaults are in force', () => {
  const configuration = resolveConfiguration({ environment: {} });
  assert.equal(settingsOf(configuration), { backend: 'auto', strict: false, requireOpcodes: [], options: {} });
  for (const { origin } of [configuration.backend, configuration.strict, configuration.uringDisabled]) {
    assert.equal(origin, { kind: 'default' });
  }
});

test('the program comes before the environment, the environment before the file, the file before the default', () => {
  const backend = (sources: Parameters<typeof resolveConfiguration>[0]) => resolveConfiguration(sources).backend;
  assert.equal(backend({ program, environment, file }), { value: 'of-program', origin: { kind: 'constructor' } });
  assert.equal(backend({ program: {}, environment, file }), {
    value: 'of-environment',
    origin: { kind: 'environment', name: 'POLYRING_BACKEND' },
  });
  assert.equal(backend({ environment: {}, file }), {
    value: 'of-file',
    origin: { kind: 'file', name: '/app/package.json' },
  });
});

test('each setting and each option is decided by itself', () => {
  const { strict, requireOpcodes, options } = resolveConfiguration({ program, environment, file });
  assert.equal(strict, { value: true, origin: file.origin });
  assert.equal(requireOpcodes, { value: [], origin: { kind: 'default' } });
  assert.equal(options, {
    entries: { value: 2, origin: { kind: 'constructor' } },
    poolLimit: { value: 1, origin: file.origin },
  });
  assert.equal(settingsOf(resolveConfiguration({ program, environment, file })).options, { entries: 2, poolLimit: 1 });
});

test('a value that is undefined or an empty variable mentions nothing', () => {
  const options = {
    entries: undefined,
    completionEntries: undefined,
    poolLimit: undefined,
    poolExhausted: undefined,
    closeTimeout: undefined,
    busyPoll: undefined,
  };
  const resolved = resolveConfiguration({
    program: { backend: undefined, options },
    environment: { POLYRING_BACKEND: ' ' },
    file,
  });
  assert.is(resolved.backend.value, 'of-file');
  assert.equal(resolved.options, {
    entries: { value: 1, origin: file.origin },
    poolLimit: { value: 1, origin: file.origin },
  });
});

test('the kill switch is told apart from the environment', () => {
  const { uringDisabled } = resolveConfiguration({ environment: { POLYRING_DISABLE_URING: '1' } });
  assert.equal(uringDisabled, { value: true, origin: { kind: 'kill-switch', name: 'POLYRING_DISABLE_URING' } });
});

test('an origin reads as words', () => {
  assert.equal(
    [
      formatOrigin({ kind: 'constructor' }),
      formatOrigin({ kind: 'environment', name: 'POLYRING_BACKEND' }),
      formatOrigin({ kind: 'kill-switch', name: 'POLYRING_DISABLE_URING' }),
      formatOrigin(file.origin),
      formatOrigin({ kind: 'default' }),
    ],
    [
      'the program',
      'environment variable POLYRING_BACKEND',
      'environment variable POLYRING_DISABLE_URING',
      'config file /app/package.json',
      'default',
    ],
  );
});

test.run();
