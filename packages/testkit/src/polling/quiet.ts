import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RawFd } from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import { awakeBetween, threadTimes } from './awake.js';
import { loopTurns } from './loop-turns.js';

/** Writes of a few bytes for which a unix socket has room, as each takes almost a kilobyte there. */
const TIMES = 200;
/** Milliseconds between two of them. */
const PAUSE = 1;

/** How often the main thread went to sleep so far (proc(5)). */
function sleeps(): number {
  const status = readFileSync(`/proc/self/task/${process.pid}/status`, 'utf8');
  return Number(status.match(/^voluntary_ctxt_switches:\s+(\d+)$/m)?.[1]);
}

/**
 * Writes to a descriptor again and again. Throws if that wakes the loop.
 *
 * @param empty takes what was written
 */
export async function assertQuiet(fixtures: Fixtures, fd: RawFd, empty: () => unknown): Promise<void> {
  let woken = TIMES;
  let awake = 1;
  // A busy machine wakes the thread for reasons of its own, now and then; a driver that is woken is so every time.
  for (let attempt = 0; attempt < 3 && (woken >= TIMES / 4 || awake >= 0.5); attempt += 1) {
    const before = { sleeps: sleeps(), turns: loopTurns(), times: threadTimes() };
    assert.equal(await fixtures.worker('signal', { fd, times: TIMES, pause: PAUSE }).exit(), 0);
    woken = Math.max(sleeps() - before.sleeps, loopTurns() - before.turns);
    // A loop that spins does not sleep, and may do much in a turn.
    awake = awakeBetween(before.times, threadTimes());
    empty();
  }
  const told = `${woken} wake-ups of the thread, awake for ${Math.round(awake * 100)} % of the time`;
  assert.ok(woken < TIMES / 4 && awake < 0.5, `${told}, while ${TIMES} events came that concern nobody`);
}
