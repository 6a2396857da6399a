import { readFileSync } from 'node:fs';
import { after, type Instant, now, Pending, type PollTimer, TimerSet } from '@polyring/core';
import { timerfd } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KernelTimer } from './kernel-timer.js';
import { SetFixture } from './set-fixture.test-support.js';

/** Milliseconds within which a timer that is due must have woken the loop, however busy the machine is. */
const LONG = 10_000;

class TimerFixture extends SetFixture {
  readonly hold = { hold() {}, release() {} };
  readonly timers = new TimerSet({ hold: this.hold, checkOpen() {}, nearer: () => this.kernel.schedule() });
  readonly #fd = this.own(timerfd());
  readonly kernel = new KernelTimer(this.#fd, this.timers, this.set);

  /** Whether the timerfd is going to expire (proc(5), fdinfo). */
  get armed(): boolean {
    return !readFileSync(`/proc/self/fdinfo/${this.#fd}`, 'utf8').includes('it_value: (0, 0)');
  }

  /** A timer that waits for a deadline, also for one that has passed. */
  pending(waker: () => void, deadline: number): PollTimer {
    const timer = this.timers.newTimer();
    assert.is(timer.pollTimer(waker, after(60_000)), Pending);
    timer.setDeadline(deadline as Instant);
    return timer;
  }

  /** Lets the turn end, as the loop does before it sleeps. */
  endTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

function check(name: string, body: (fixture: TimerFixture) => Promise<void>): void {
  test(name, async () => {
    const fixture = new TimerFixture();
    try {
      await body(fixture);
    } finally {
      fixture.kernel.close();
      fixture[Symbol.dispose]();
    }
  });
}

check('timers fire in order, none early, and the set is quiet after the last one', async (fixture) => {
  const lateness: number[] = [];
  const start = now();
  const deadlines = [20, 0.3, 5, 0.35, 10].map((milliseconds) => (start + milliseconds) as Instant);
  for (const deadline of deadlines) {
    fixture.pending(() => lateness.push(now() - deadline), deadline);
  }
  const order = [...deadlines].sort((a, b) => a - b);
  for (const deadline of order) {
    while (fixture.timers.earliest === deadline) {
      await fixture.endTurn();
      assert.ok(fixture.wakesLoop(LONG), 'the set wakes the loop for each timer');
      fixture.set.drain();
    }
  }
  assert.is(lateness.length, deadlines.length);
  assert.ok(
    lateness.every((late) => late >= 0),
    lateness.join(),
  );
  await fixture.endTurn();
  assert.not(fixture.armed);
  assert.not(fixture.wakesLoop());
});

check('the timerfd is set only when the turn ends, to the nearest deadline of the turn', async (fixture) => {
  const woken: number[] = [];
  for (const deadline of [3, 1, 2]) fixture.pending(() => woken.push(deadline), deadline);
  assert.not(fixture.armed);
  await fixture.endTurn();
  assert.ok(fixture.wakesLoop(LONG));
  fixture.set.drain();
  assert.equal(woken, [1, 2, 3]);
});

check('a timer that a woken promise sets is served beside one that is far away', async (fixture) => {
  fixture.pending(() => assert.unreachable(), after(60_000));
  for (let round = 0; round < 20; round += 1) {
    const fired = new Promise<void>((resolve) => fixture.pending(resolve, after(0.2)));
    await fixture.endTurn();
    assert.ok(fixture.wakesLoop(LONG));
    fixture.set.drain();
    await fired;
  }
  await fixture.endTurn();
  assert.ok(fixture.armed);
});

check('a deadline moved nearer is kept, one moved further wakes the loop for nothing once at most', async (fixture) => {
  const timer = fixture.timers.newTimer();
  let fired = 0;
  const waker = () => {
    fired += 1;
  };
  timer.pollTimer(waker, after(60_000));
  await fixture.endTurn();
  timer.setDeadline(after(0.5));
  await fixture.endTurn();
  timer.setDeadline(after(60_000));
  await fixture.endTurn();
  assert.ok(fixture.wakesLoop(LONG));
  fixture.set.drain();
  await fixture.endTurn();
  assert.is(fired, 0);
  assert.not(fixture.wakesLoop(5));
  timer.setDeadline(after(0.5));
  await fixture.endTurn();
  assert.ok(fixture.wakesLoop(LONG));
  fixture.set.drain();
  assert.is(fired, 1);
});

for (const past of [0, -1, Number.NEGATIVE_INFINITY, Number.MIN_VALUE]) {
  check(`a pending timer that is moved to ${past} fires at once`, async (fixture) => {
    let fired = 0;
    fixture.pending(() => {
      fired += 1;
    }, past);
    await fixture.endTurn();
    assert.ok(fixture.wakesLoop(LONG));
    fixture.set.drain();
    assert.is(fired, 1);
  });
}

check('a timer that never ends, and one beyond what the kernel holds, wake nobody', async (fixture) => {
  for (const deadline of [Number.POSITIVE_INFINITY, Number.MAX_VALUE, 1e18]) {
    const timer = fixture.timers.newTimer();
    assert.is(
      timer.pollTimer(() => assert.unreachable(), deadline as Instant),
      Pending,
    );
  }
  await fixture.endTurn();
  assert.not(fixture.wakesLoop(5));
});

check('a timerfd whose timer was disposed fires for nothing once, and is not set again', async (fixture) => {
  const timer = fixture.pending(() => assert.unreachable(), after(0.5));
  await fixture.endTurn();
  timer[Symbol.dispose]();
  assert.ok(fixture.wakesLoop(LONG));
  fixture.set.drain();
  await fixture.endTurn();
  assert.not(fixture.armed);
  assert.not(fixture.wakesLoop());
});

check('a closed one does not touch its descriptor any more', async (fixture) => {
  fixture.pending(() => {}, 1);
  fixture.kernel.close();
  await fixture.endTurn();
  assert.not(fixture.armed);
  assert.not(fixture.wakesLoop());
});

test.run();
