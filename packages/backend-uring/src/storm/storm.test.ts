// timeout: 300
import { randomInt } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { storm } from './storm.test-support.js';

const OPERATIONS = 50_000;

test('a storm of faults loses no operation and settles each once', async () => {
  const seed = randomInt(2 ** 31);
  try {
    const report = await storm(seed, OPERATIONS);
    assert.ok(report.operations >= OPERATIONS);
  } catch (error) {
    throw new Error(`Replay it: npm run test:storm -- --operations ${OPERATIONS} --seed ${seed}`, { cause: error });
  }
});

runWhereGranted(test);
