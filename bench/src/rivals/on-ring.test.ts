import { uringBackend } from '@polyring/backend-uring';
import type { IoUringFeature } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { start } from '../cases/start.js';
import { MissingRival } from '../missing-rival.js';
import { Workshop } from '../workshop.js';
import { onRing } from './on-ring.js';
import { script } from './script.js';

test('without a ring no driver of another backend starts in its place', async () => {
  using workshop = new Workshop({ rounds: 1, warming: 0, milliseconds: 10, blocks: 256 });
  const before = process.env.POLYRING_DISABLE_URING;
  process.env.POLYRING_DISABLE_URING = '1';
  try {
    for (const rival of start.rivals.filter(({ name }) => name !== 'bare Node.js')) {
      const error = await rival.start(workshop).then(
        () => undefined,
        (why: unknown) => why,
      );
      assert.instance(error, MissingRival, rival.name);
      assert.match((error as Error).message, 'POLYRING_DISABLE_URING');
    }
  } finally {
    if (before === undefined) delete process.env.POLYRING_DISABLE_URING;
    else process.env.POLYRING_DISABLE_URING = before;
  }
});

const ringTest = uringBackend.availability().available ? test : test.skip;

ringTest('a kernel that lacks what a rival needs has it missing, with the reason', async () => {
  using workshop = new Workshop({ rounds: 1, warming: 0, milliseconds: 10, blocks: 256 });
  const rival = onRing(script('x', { script: 'nop-bare' }), ['pollMultishot', 'madeUp' as IoUringFeature]);
  const error = await rival.start(workshop).catch((why: unknown) => why);
  assert.instance(error, MissingRival);
  assert.match((error as Error).message, /lacks io_uring's madeUp/);
});

test.run();
