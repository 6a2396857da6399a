import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pending } from '../values/poll.js';
import { ALWAYS_REPORTED, InterestSlot, PollEvents } from '../values/poll-events.js';
import { InterestSet } from './interest-set.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, ERR, HUP, RDHUP } = PollEvents;

function counter(): { readonly waker: () => void; calls: number } {
  const counted = {
    calls: 0,
    waker: () => {
      counted.calls += 1;
    },
  };
  return counted;
}

/** As a backend does whose kernel object is one for both slots. */
function deliverToBoth(set: InterestSet, events: number): void {
  set.deliver(InterestSlot.Read, events);
  set.deliver(InterestSlot.Write, events);
}

test('a new set wants nothing', () => {
  const set = new InterestSet();
  assert.is(set.anyWaiting, false);
  assert.is(set.wantedByAny, 0);
});

test('a waiter wants its events and HUP, ERR and RDHUP', () => {
  const set = new InterestSet();
  assert.is(
    set.poll(Read, () => {}, IN),
    Pending,
  );
  assert.is(set.waiting(Read), true);
  assert.is(set.waiting(Write), false);
  assert.is(set.wanted(Read), IN | ALWAYS_REPORTED);
  assert.is(set.wanted(Write), 0);
  assert.is(
    set.poll(Write, () => {}, OUT),
    Pending,
  );
  assert.is(set.wantedByAny, IN | OUT | ALWAYS_REPORTED);
});

test('an event wakes the slot that wants it and leaves the other waiting', () => {
  const set = new InterestSet();
  const [reader, writer] = [counter(), counter()];
  set.poll(Read, reader.waker, IN);
  set.poll(Write, writer.waker, OUT);
  deliverToBoth(set, IN);
  assert.equal([reader.calls, writer.calls], [1, 0]);
  assert.is(set.wantedByAny, OUT | ALWAYS_REPORTED);
  assert.is(set.poll(Read, reader.waker, IN), IN);
});

test('a waker that cannot be called leaves the waiter before it and what it wants', () => {
  const set = new InterestSet();
  const reader = counter();
  set.poll(Read, reader.waker, IN);
  assert.throws(
    () => set.poll(Read, undefined as never, PRI),
    (error: { code?: string }) => error.code === 'ERR_INVALID_ARG_TYPE',
  );
  assert.is(set.waker(Read), reader.waker);
  assert.is(set.wanted(Read), IN | ALWAYS_REPORTED);
});

test('a waiter that is withdrawn wants nothing and is not woken', () => {
  const set = new InterestSet();
  set.withdraw(Read);
  set.poll(Read, () => assert.unreachable('withdrawn'), IN);
  set.withdraw(Read);
  assert.is(set.waker(Read), undefined);
  assert.is(set.anyWaiting, false);
  set.deliver(Read, IN);
});

test('an event delivered to one slot is not kept for the other', () => {
  const set = new InterestSet();
  set.deliver(Read, IN);
  assert.is(
    set.poll(Write, () => {}, IN),
    Pending,
  );
  assert.is(
    set.poll(Read, () => {}, IN),
    IN,
  );
});

for (const [name, event] of Object.entries({ ERR, HUP, RDHUP })) {
  test(`${name} completes any interest`, () => {
    for (const interest of [0, IN, OUT, PRI]) {
      const set = new InterestSet();
      const waiter = counter();
      assert.is(set.poll(Read, waiter.waker, interest), Pending);
      deliverToBoth(set, event);
      assert.is(waiter.calls, 1);
      assert.is(set.poll(Read, waiter.waker, interest), event);
    }
  });
}

test('readiness is kept until cleared, per slot', () => {
  const set = new InterestSet();
  deliverToBoth(set, IN | OUT);
  assert.is(
    set.poll(Read, () => {}, IN),
    IN,
  );
  assert.is(
    set.poll(Read, () => {}, IN | OUT),
    IN | OUT,
  );
  set.clear(Read);
  assert.is(
    set.poll(Read, () => {}, IN),
    Pending,
  );
  assert.is(
    set.poll(Write, () => {}, IN),
    IN,
  );
});

test('events collect until they are cleared', () => {
  const set = new InterestSet();
  set.deliver(Read, IN);
  set.deliver(Read, HUP);
  assert.is(
    set.poll(Read, () => {}, IN),
    IN | HUP,
  );
});

test('an event that nobody of the slot wants wakes nobody and is kept', () => {
  const set = new InterestSet();
  const reader = counter();
  set.poll(Read, reader.waker, IN);
  deliverToBoth(set, OUT);
  assert.is(reader.calls, 0);
  assert.is(set.poll(Read, reader.waker, OUT), OUT);
});

test('the last poller of a slot owns the wake', () => {
  const set = new InterestSet();
  const [first, second] = [counter(), counter()];
  set.poll(Read, first.waker, IN);
  set.poll(Read, second.waker, OUT);
  deliverToBoth(set, IN);
  assert.equal([first.calls, second.calls], [0, 0], 'the interest was replaced with the waker');
  deliverToBoth(set, OUT);
  assert.equal([first.calls, second.calls], [0, 1]);
});

test('a poll that is answered from the cache withdraws the waiter', () => {
  const set = new InterestSet();
  const waiter = counter();
  set.poll(Read, waiter.waker, IN);
  set.deliver(Read, OUT);
  assert.is(set.poll(Read, waiter.waker, OUT), OUT);
  set.deliver(Read, IN);
  assert.is(waiter.calls, 0);
  assert.is(set.anyWaiting, false);
});

test('clearing a slot keeps its waiter', () => {
  const set = new InterestSet();
  const waiter = counter();
  set.poll(Read, waiter.waker, IN);
  set.clear(Read);
  set.deliver(Read, IN);
  assert.is(waiter.calls, 1);
});

test('a waiter that the other slot withdraws from its waker is not woken', () => {
  const set = new InterestSet();
  set.poll(Read, () => set.dispose(), IN);
  set.poll(Write, () => assert.unreachable('withdrawn by the reader'), IN);
  deliverToBoth(set, IN);
  assert.is(set.anyWaiting, false);
});

test('events are kept and told where a waiter wants one of them, and only there', () => {
  const set = new InterestSet();
  const [reader, writer] = [counter(), counter()];
  assert.is(set.deliverWanted(IN), false, 'nobody was ever there');
  set.poll(Read, reader.waker, IN);
  set.poll(Write, writer.waker, OUT);
  assert.is(set.deliverWanted(PRI), false);
  assert.is(set.deliverWanted(OUT | PRI), true);
  assert.equal([reader.calls, writer.calls], [0, 1]);
  assert.is(set.poll(Write, writer.waker, PRI), PRI, 'all of it was kept for who was woken');
  assert.is(set.deliverWanted(OUT), false, 'the writer waits no more');
  assert.is(set.deliverWanted(IN), true);
  assert.is(set.poll(Write, writer.waker, IN), Pending);
  assert.is(set.poll(Read, reader.waker, IN), IN);
});

test('a waiter that the other one withdraws from its waker was told of nothing', () => {
  const set = new InterestSet();
  set.poll(Read, () => set.dispose(), IN);
  set.poll(Write, () => assert.unreachable('withdrawn by the reader'), IN);
  assert.is(set.deliverWanted(IN), true);
  assert.is(set.anyWaiting, false);
});

test('waking all reports no event', () => {
  const set = new InterestSet();
  const [reader, writer] = [counter(), counter()];
  set.poll(Read, reader.waker, IN);
  set.poll(Write, writer.waker, OUT);
  set.wakeAll();
  assert.equal([reader.calls, writer.calls], [1, 1]);
  assert.is(set.poll(Read, reader.waker, IN | OUT), Pending);
});

test('disposing withdraws the waiters and forgets the readiness', () => {
  const set = new InterestSet();
  const waiter = counter();
  set.deliver(Read, IN);
  set.poll(Write, waiter.waker, OUT);
  set.dispose();
  deliverToBoth(set, OUT);
  assert.is(waiter.calls, 0);
  const fresh = new InterestSet();
  fresh.deliver(Read, IN);
  fresh.dispose();
  assert.is(
    fresh.poll(Read, () => {}, IN),
    Pending,
  );
});

test('a waiter for OUT that was told of RDHUP once waits without it, and one for IN does not', () => {
  const set = new InterestSet();
  const { waker } = counter();
  for (const slot of [Read, Write]) {
    const events = slot === Read ? IN : OUT;
    set.poll(slot, waker, events);
    set.deliver(slot, RDHUP);
    assert.is(set.poll(slot, waker, events), RDHUP);
    set.clear(slot);
    assert.is(set.poll(slot, waker, events), Pending);
  }
  assert.is(set.wanted(Read), IN | ALWAYS_REPORTED);
  assert.is(set.wanted(Write), OUT | ERR | HUP);
});

test.run();
