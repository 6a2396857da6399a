import { epollBackend } from '@polyring/backend-epoll';
import { Errno, InterestSlot, now, Pending, type Poll, PollEvents } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallParts } from './call.js';
import type { Completing } from './completing.js';
import { Lane, type LaneHost } from './lane.js';
import type { Readiness, Sleeper } from './readiness.js';
import { Turns } from './turns.js';

const { EAGAIN } = Errno;

const driver = epollBackend.create();
test.after(() => driver.close());

/** Readiness that a test gives. */
class GivenReadiness implements Readiness {
  readonly cleared: boolean[] = [];
  polls = 0;
  #events: PollEvents = 0;
  #sleeper: Sleeper | undefined;

  poll(sleeper: Sleeper): Poll<PollEvents> {
    this.polls += 1;
    if (this.#events !== 0) return this.#events;
    this.#sleeper = sleeper;
    return Pending;
  }

  clear(_slot: InterestSlot, drained: boolean): void {
    this.cleared.push(drained);
    this.#events = 0;
  }

  give(events: PollEvents): void {
    this.#events = events;
    const sleeper = this.#sleeper;
    this.#sleeper = undefined;
    sleeper?.wake();
  }

  /** There is nothing any more, and it knows that by itself. */
  end(): void {
    this.#events = 0;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {}
}

class GivenHost extends Turns implements LaneHost {
  readonly driver = driver;
  readonly fd = 3;
  readonly given = new GivenReadiness();

  readiness(): Readiness {
    return this.given;
  }

  waitingChanged(): void {}

  failed(): void {}

  readonly sends = false;

  untoldLoss(): number {
    return 0;
  }

  hasRef(): boolean {
    return true;
  }
}

function makeLane(): { lane: Lane; readiness: GivenReadiness; turns: Turns } {
  const host = new GivenHost();
  return { lane: new Lane(host, InterestSlot.Read, PollEvents.IN), readiness: host.given, turns: host };
}

/** A call that answers what it is given, in turn, and counts how often it was made. */
function calls(...answers: (number | (() => number))[]): { made: number } & CallParts<number> {
  const state = {
    made: 0,
    syscall: 'read',
    attempt: (): number => {
      const answer = answers[state.made++] ?? 0;
      return typeof answer === 'number' ? answer : answer();
    },
  };
  return state;
}

test('a call is made at once, and waits where it finds nothing', async () => {
  const { lane, readiness } = makeLane();
  const call = calls(5, EAGAIN, 7);
  assert.is(await lane.run(call), 5);
  assert.is(readiness.polls, 0);
  const waiting = lane.run(call);
  assert.is(call.made, 2);
  assert.equal(readiness.cleared, [false]);
  readiness.give(PollEvents.IN);
  assert.is(await waiting, 7);
});

test('after a read that got less than there was room for the next one waits, without a call', async () => {
  const { lane, readiness } = makeLane();
  const call = calls(() => {
    lane.foundLess(true);
    return 3;
  }, 4);
  assert.is(await lane.run(call), 3);
  const waiting = lane.run(call);
  assert.is(call.made, 1);
  assert.is(readiness.polls, 1);
  readiness.give(PollEvents.IN);
  assert.is(await waiting, 4);
  assert.is(call.made, 2);
});

test('a call that needs nothing to be there is done when its turn comes, and once only before it waits', async () => {
  const { lane, readiness } = makeLane();
  const first = calls(EAGAIN, () => {
    lane.foundLess(true);
    return 3;
  });
  const eager = [calls(0), calls(EAGAIN, 4)] as const;
  const waiting = [lane.run(first), ...eager.map((call) => lane.run({ ...call, eager: true }))];
  readiness.give(PollEvents.IN);
  assert.equal(await Promise.all(waiting.slice(0, 2)), [3, 0]);
  assert.is(eager[1].made, 1);
  readiness.give(PollEvents.IN);
  assert.is(await waiting[2], 4);
});

test('after an attempt that left nothing the next call waits, without a call', async () => {
  const { lane, readiness } = makeLane();
  const call = calls(
    EAGAIN,
    () => {
      readiness.end();
      lane.foundLast();
      return 3;
    },
    4,
  );
  const first = lane.run(call);
  readiness.give(PollEvents.IN);
  assert.is(await first, 3);
  assert.equal(readiness.cleared, [false]);
  const waiting = lane.run(call);
  assert.is(call.made, 2);
  readiness.give(PollEvents.IN);
  assert.is(await waiting, 4);
});

test('a read that got less than was announced says so, and whether that was all', async () => {
  for (const drained of [true, false]) {
    const { lane, readiness } = makeLane();
    const call = calls(EAGAIN, () => {
      lane.foundLess(drained);
      return 3;
    });
    const waiting = lane.run(call);
    readiness.give(PollEvents.IN);
    assert.is(await waiting, 3);
    assert.equal(readiness.cleared, [false, drained]);
  }
});

test('where the end of the stream was announced, the next read is made whatever the last one got', async () => {
  const { lane, readiness } = makeLane();
  const call = calls(
    EAGAIN,
    () => {
      lane.foundLess(true);
      return 3;
    },
    0,
  );
  const waiting = lane.run(call);
  readiness.give(PollEvents.IN | PollEvents.RDHUP);
  assert.is(await waiting, 3);
  const polls = readiness.polls;
  assert.is(await lane.run(call), 0);
  assert.is(call.made, 3);
  assert.is(readiness.polls, polls);
});

test('the loop turns after so many calls that found something', async () => {
  const { lane, turns } = makeLane();
  const call = calls(...new Array<number>(200).fill(1));
  while (!turns.turnOver) await lane.run(call);
  const before = call.made;
  assert.ok(before >= 16 && before <= 128, `${before} calls`);
  const late = lane.run(call);
  await Promise.resolve();
  assert.is(call.made, before);
  assert.is(await late, 1);
  assert.not(turns.turnOver);
});

test('where readiness is reported again and again, and nothing found, there are pauses', async () => {
  const { lane, readiness } = makeLane();
  readiness.clear = () => {};
  readiness.give(PollEvents.IN);
  let made = 0;
  const attempt = (): number => {
    made += 1;
    return made > 10 ? 5 : EAGAIN;
  };
  for (let round = 0; round < 2; round += 1) {
    made = 0;
    const started = now();
    assert.is(await lane.run({ syscall: 'read', attempt }), 5);
    const took = now() - started;
    assert.ok(took >= 3, `ten attempts in ${took} ms`);
  }
});

test('an attempt that has found something makes no pause', async () => {
  const { lane, readiness } = makeLane();
  readiness.clear = () => {};
  readiness.give(PollEvents.IN);
  let made = 0;
  let turned = false;
  const attempt = (): number => {
    made += 1;
    lane.foundSome();
    return made > 1000 ? 5 : EAGAIN;
  };
  setImmediate(() => {
    turned = true;
  });
  assert.is(await lane.run({ syscall: 'write', attempt }), 5);
  assert.ok(turned, 'the loop has turned meanwhile');
});

test('an attempt that goes on later is made again when the loop has turned, and nothing is cleared before it finds nothing', async () => {
  const { lane, readiness } = makeLane();
  const goesOn = (): number => {
    lane.goOnLater();
    return EAGAIN;
  };
  const call = calls(goesOn, EAGAIN, goesOn, 7);
  const waiting = lane.run(call);
  await Promise.resolve();
  assert.is(call.made, 1);
  assert.equal(readiness.cleared, []);
  await new Promise(setImmediate);
  assert.is(call.made, 2);
  assert.equal(readiness.cleared, [false]);
  readiness.give(PollEvents.IN);
  assert.is(await waiting, 7);
  assert.is(readiness.polls, 2);
  assert.equal(readiness.cleared, [false]);
});

test('what a ring cannot start rejects the call, which its signal does not end again', async () => {
  for (const first of [true, false]) {
    const { lane } = makeLane();
    const refused = new Error('the ring refuses');
    const completing: Completing<number> = {
      transfers: true,
      first,
      start: () => {
        throw refused;
      },
      completed: (result) => result,
    };
    const unhandled: unknown[] = [];
    const collect = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on('unhandledRejection', collect);
    const controller = new AbortController();
    const parts = { syscall: 'send', completing, attempt: () => EAGAIN };
    const error = await lane.run(parts, { signal: controller.signal }).catch((reason: unknown) => reason);
    assert.is(error, refused);
    assert.ok(lane.empty);
    controller.abort();
    // Unhandled rejections are told of before the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', collect);
    assert.equal(unhandled, []);
  }
});

for (const outcome of [undefined, -11, 2, 3]) {
  test(`a flush ${outcome === 3 ? 'makes' : 'does not make'} the calls behind a send that is over with ${outcome}`, async () => {
    const { lane, readiness } = makeLane();
    const completing: Completing<number> = {
      transfers: true,
      first: true,
      start: () => ({ flush: () => outcome, cancel: () => {} }),
      completed: (result) => result,
      isDoneWith: (result) => result === 3,
    };
    const sent = lane.run({ syscall: 'send', completing, attempt: () => EAGAIN });
    const [second, third] = [calls(5), calls(EAGAIN, 7)];
    const behind = [lane.run(second), lane.run(third)];
    lane.flush();
    assert.equal([second.made, third.made], outcome === 3 ? [1, 1] : [0, 0]);
    lane.completed(3);
    readiness.give(PollEvents.IN);
    assert.is(await sent, 3);
    assert.equal(await Promise.all(behind), [5, 7]);
  });
}

test.run();
