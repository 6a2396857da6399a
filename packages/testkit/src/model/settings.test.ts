import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelSettings, modelTimeLimit } from './settings.js';

test('without variables there are some runs, and nothing is replayed', () => {
  const settings = modelSettings({});
  assert.ok(settings.runs > 0);
  assert.is(settings.replay, undefined);
});

test('more runs are given more time', () => {
  assert.is(modelSettings({ POLYRING_MODEL_RUNS: '5000' }).runs, 5000);
  assert.ok(modelTimeLimit({ POLYRING_MODEL_RUNS: '5000' }) > modelTimeLimit({}));
});

test('a replay is a seed and a path', () => {
  const { replay } = modelSettings({ POLYRING_MODEL_REPLAY: '-17:3:0:12' });
  assert.equal(replay, { seed: -17, path: '3:0:12' });
});

test('what cannot be read is refused by its name', () => {
  assert.throws(() => modelSettings({ POLYRING_MODEL_RUNS: 'many' }), /POLYRING_MODEL_RUNS must be .* "many"/);
  assert.throws(() => modelSettings({ POLYRING_MODEL_RUNS: '0' }), /POLYRING_MODEL_RUNS/);
  assert.throws(() => modelSettings({ POLYRING_MODEL_REPLAY: '17' }), /POLYRING_MODEL_REPLAY must be .* "17"/);
});

test.run();
