import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PollTimer } from '../contract/timer.js';
import { closedError } from '../errors/polyring-error.js';
import { after, type Instant, now } from '../values/instant.js';
import { Pending } from '../values/poll.js';
import { TimerSet, type TimerSetHost } from './timer-set.js';

const PAST = 0 as Instant;

/** A backend without a kernel: it counts what the set asks of it. */
class Host implements TimerSetHost {
  holds = 0;
  nearerCalls = 0;
  closed = false;
  readonly hold = {
    hold: () => {
      this.holds += 1;
    },
    release: () => {
      this.holds -= 1;
      assert.ok(this.holds >= 0, 'released more often than held');
    },
  };

  checkOpen(): void {
    if (this.closed) throw closedError('test');
  }

  nearer(): void {
    this.nearerCalls += 1;
  }
}

function create(): { host: Host; set: TimerSet } {
  const host = new Host();
  return { host, set: new TimerSet(host) };
}

/** A timer that waits for `deadline` and pushes its name when it is woken. */
function pending(set: TimerSet, deadline: Instant, name = '', woken: string[] = []): PollTimer {
  const timer = set.newTimer();
  assert.is(
    timer.pollTimer(() => woken.push(name), deadline),
    Pending,
  );
  return timer;
}

test('a timer without a deadline is ready at once and needs nothing of the kernel', () => {
  const { host, set } = create();
  const timer = set.newTimer();
  const before = now();
  const answer = timer.pollTimer(() => assert.unreachable());
  assert.type(answer, 'number');
  assert.ok((answer as number) >= before);
  assert.is(host.nearerCalls, 0);
  assert.is(host.holds, 0);
  assert.is(set.earliest, undefined);
});

test('a pending timer holds the loop until it fires', () => {
  const { host, set } = create();
  const woken: string[] = [];
  const timer = pending(set, after(60_000), 'timer', woken);
  assert.is(host.holds, 1);
  set.fire();
  assert.equal(woken, []);
  timer.setDeadline(PAST);
  set.fire();
  assert.equal(woken, ['timer']);
  assert.is(host.holds, 0);
  assert.is(set.earliest, undefined);
});

test('the kernel is asked only where the earliest deadline may have changed', () => {
  const { host, set } = create();
  const early = after(10_000);
  const first = pending(set, early);
  assert.is(host.nearerCalls, 1);
  assert.is(set.earliest, early);
  const second = pending(set, after(20_000));
  assert.is(host.nearerCalls, 1);
  second.setDeadline(after(30_000));
  assert.is(host.nearerCalls, 1);
  const earlier = after(1_000);
  second.setDeadline(earlier);
  assert.is(host.nearerCalls, 2);
  assert.is(set.earliest, earlier);
  second[Symbol.dispose]();
  assert.is(set.earliest, early);
  first[Symbol.dispose]();
  assert.is(set.earliest, undefined);
});

test('due timers are woken in the order of their deadlines, the others stay', () => {
  const { set } = create();
  const woken: string[] = [];
  const timers = ['a', 'b', 'c', 'd'].map((name) => pending(set, after(60_000), name, woken));
  for (const [index, deadline] of [4, 2, 3].entries()) timers[index]?.setDeadline(deadline as Instant);
  set.fire();
  assert.equal(woken, ['b', 'c', 'a']);
  assert.ok((set.earliest as number) > now());
});

test('a timer is never ready, nor woken, before the clock reaches its deadline', () => {
  const { set } = create();
  const real = process.hrtime;
  let time: [number, number] = [1_000, 0];
  process.hrtime = Object.assign(() => time, { bigint: real.bigint });
  try {
    const woken: string[] = [];
    const timer = set.newTimer();
    const deadline = after(0.25);
    assert.is(
      timer.pollTimer(() => woken.push('timer'), deadline),
      Pending,
    );
    time = [1_000, 249_999];
    set.fire();
    assert.equal(woken, []);
    assert.is(
      timer.pollTimer(() => woken.push('timer')),
      Pending,
    );
    time = [1_000, 250_000];
    set.fire();
    assert.equal(woken, ['timer']);
    assert.is(
      timer.pollTimer(() => {}),
      deadline,
    );
  } finally {
    process.hrtime = real;
  }
});

test('a deadline moved further keeps the timer asleep', () => {
  const { set } = create();
  const timer = pending(set, after(60_000));
  timer.setDeadline(PAST);
  timer.setDeadline(after(60_000));
  set.fire();
  assert.is(
    timer.pollTimer(() => {}),
    Pending,
  );
});

test('the latest waker is called, and only once', () => {
  const { set } = create();
  const woken: string[] = [];
  const timer = pending(set, after(60_000), 'first', woken);
  assert.is(
    timer.pollTimer(() => woken.push('second')),
    Pending,
  );
  timer.setDeadline(PAST);
  set.fire();
  set.fire();
  assert.equal(woken, ['second']);
});

test('polling at the deadline withdraws the waiter', () => {
  const { host, set } = create();
  const timer = pending(set, after(60_000));
  assert.not.equal(
    timer.pollTimer(() => assert.unreachable(), PAST),
    Pending,
  );
  assert.is(host.holds, 0);
  set.fire();
});

test('a timer may be polled again from its waker and waits for the next deadline', () => {
  const { host, set } = create();
  const timer = set.newTimer();
  let wakes = 0;
  const waker = () => {
    wakes += 1;
    assert.is(timer.pollTimer(waker, after(60_000)), Pending);
  };
  timer.pollTimer(waker, after(60_000));
  timer.setDeadline(PAST);
  set.fire();
  assert.is(wakes, 1);
  assert.is(host.holds, 1);
  assert.is(host.nearerCalls, 3);
});

test('a timer that its waker makes due again is woken by the next drain, behind the others that are due', () => {
  const { set } = create();
  const woken: string[] = [];
  const busy = set.newTimer();
  const again = () => {
    woken.push('busy');
    if (woken.length === 10) return;
    busy.pollTimer(again, after(60_000));
    busy.setDeadline(Number.NEGATIVE_INFINITY as Instant);
  };
  busy.pollTimer(again, after(60_000));
  const other = pending(set, after(60_000), 'other', woken);
  busy.setDeadline(1 as Instant);
  other.setDeadline(2 as Instant);
  assert.is(set.fire(), 2);
  assert.equal(woken, ['busy', 'other']);
  assert.is(set.earliest, Number.NEGATIVE_INFINITY);
  assert.is(set.fire(), 1);
  assert.equal(woken, ['busy', 'other', 'busy']);
});

test('a timer that is due is woken, however often the wakers of others make it due again', () => {
  const { set } = create();
  const woken: string[] = [];
  const other = pending(set, after(60_000), 'other', woken);
  for (let count = 0; count < 2; count += 1) {
    const busy = set.newTimer();
    const again = () => {
      woken.push('busy');
      if (!woken.includes('other')) other.setDeadline(PAST);
      busy.pollTimer(again, after(60_000));
      busy.setDeadline(PAST);
    };
    busy.pollTimer(again, after(60_000));
    busy.setDeadline(PAST);
  }
  assert.is(set.fire(), 2);
  assert.is(set.fire(), 3);
  assert.is(woken.filter((name) => name === 'other').length, 1);
});

test('a timer disposed in the waker of another one of the batch is not woken', () => {
  const { host, set } = create();
  const second = set.newTimer();
  const first = set.newTimer();
  first.pollTimer(() => second[Symbol.dispose](), after(60_000));
  second.pollTimer(() => assert.unreachable('disposed'), after(60_000));
  second.setDeadline(2 as Instant);
  first.setDeadline(1 as Instant);
  set.fire();
  assert.is(host.holds, 0);
});

test('a disposed timer throws, and disposing it again does nothing', () => {
  const { host, set } = create();
  const timer = pending(set, after(60_000));
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  assert.is(host.holds, 0);
  throws(() => timer.pollTimer(() => {}), 'ERR_POLYRING_DISPOSED');
  throws(() => timer.setDeadline(PAST), 'ERR_POLYRING_DISPOSED');
});

test('a closed driver refuses new timers, polls and deadlines', () => {
  const { host, set } = create();
  const woken: string[] = [];
  const timers = [pending(set, after(60_000), 'a', woken), pending(set, after(70_000), 'b', woken)];
  host.closed = true;
  set.wakeAll();
  assert.equal(woken, ['a', 'b']);
  assert.is(host.holds, 0);
  throws(() => set.newTimer(), 'ERR_POLYRING_CLOSED');
  for (const timer of timers) throws(() => timer.pollTimer(() => {}), 'ERR_POLYRING_CLOSED');
  throws(() => timers[0]?.setDeadline(PAST), 'ERR_POLYRING_CLOSED');
  for (const timer of timers) timer[Symbol.dispose]();
});

test('a deadline that is no number is refused and changes nothing', () => {
  const { set } = create();
  const deadline = after(60_000);
  const timer = pending(set, deadline);
  throws(() => timer.setDeadline(Number.NaN as Instant), 'ERR_INVALID_ARG_TYPE');
  throws(() => timer.pollTimer(() => {}, 'soon' as unknown as Instant), 'ERR_INVALID_ARG_TYPE');
  assert.is(set.earliest, deadline);
});

test('an unreferenced timer waits without holding the loop', () => {
  const { host, set } = create();
  const timer = set.newTimer();
  assert.is(timer.unref(), timer);
  assert.is(timer.hasRef(), false);
  timer.pollTimer(() => {}, after(60_000));
  assert.is(host.holds, 0);
  assert.is(timer.ref().hasRef(), true);
  assert.is(host.holds, 1);
});

test.run();
