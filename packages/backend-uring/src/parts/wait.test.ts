import { close, eventfd } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../engine/engine.js';
import type { Pool } from '../memory/pool.js';
import { RingWait } from './wait.js';

test('a poll that finds no memory throws each time, and waits for nothing', () => {
  let holds = 0;
  const hold = { hold: () => (holds += 1), release: () => (holds -= 1) };
  const engine = { checkOpen: () => {} } as Engine;
  const pool = {
    take: () => {
      throw new Error('no room');
    },
  } as unknown as Pool;
  const fd = eventfd();
  const wait = new RingWait(fd, 8, engine, pool, hold);
  for (let i = 0; i < 2; i += 1) {
    assert.throws(() => wait.pollWait(() => {}), 'no room');
    assert.is(holds, 0);
  }
  wait[Symbol.dispose]();
  close(fd);
});

test.run();
