import { InterestSlot, Pending, type Poll, PollEvents, type RawFd } from '@polyring/core';
import {
  close,
  dup,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  epollCtl,
  pipe2,
  read,
  shutdown,
  socketpair,
  tryRead,
  tryWrite,
  write,
} from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { consume, SetFixture, signal } from '../set-fixture.test-support.js';
import { EpollReadiness } from './readiness.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, HUP, RDHUP } = PollEvents;

class ReadinessFixture extends SetFixture {
  holds = 0;
  readonly hold = {
    hold: () => {
      this.holds += 1;
    },
    release: () => {
      this.holds -= 1;
    },
  };

  checkOpen(): void {}

  ready(fd: RawFd): EpollReadiness {
    return new EpollReadiness(fd, this);
  }
}

function check(name: string, body: (fixture: ReadinessFixture) => void): void {
  test(name, () => {
    const fixture = new ReadinessFixture();
    try {
      body(fixture);
    } finally {
      fixture[Symbol.dispose]();
    }
  });
}

/** One waiter of a readiness object. */
class Waiter {
  wakes = 0;
  readonly #ready: EpollReadiness;
  readonly #slot: InterestSlot;

  constructor(ready: EpollReadiness, slot: InterestSlot) {
    this.#ready = ready;
    this.#slot = slot;
  }

  poll(events: PollEvents): Poll<PollEvents> {
    return this.#ready.pollFdReady(
      () => {
        this.wakes += 1;
      },
      this.#slot,
      events,
    );
  }

  clear(): void {
    this.#ready.clearFdReady(this.#slot);
  }
}

/** Writes until the socket takes no more. */
function fill(fd: RawFd): void {
  const block = Buffer.alloc(65_536);
  while (tryWrite(fd, block) > 0) {}
}

function empty(fd: RawFd): void {
  const block = Buffer.alloc(65_536);
  while (tryRead(fd, block) > 0) {}
}

check('a slot that was cleared without reading everything is woken again', (fixture) => {
  const fd = fixture.eventfd(1);
  const reader = new Waiter(fixture.ready(fd), Read);
  for (let round = 1; round <= 3; round += 1) {
    assert.is(reader.poll(IN), Pending);
    fixture.set.drain();
    assert.is(reader.wakes, round);
    assert.is(reader.poll(IN), IN);
    reader.clear();
  }
});

check('an event that was reported between the read and the clear is not lost', (fixture) => {
  const fd = fixture.eventfd(1);
  const reader = new Waiter(fixture.ready(fd), Read);
  reader.poll(IN);
  fixture.set.drain();
  assert.is(reader.poll(IN), IN);
  consume(fd);
  signal(fd);
  fixture.set.drain();
  reader.clear();
  assert.is(reader.poll(IN), Pending);
  fixture.set.drain();
  assert.is(reader.wakes, 2);
});

check('a slot asks for something else than before and learns what holds', (fixture) => {
  const reader = new Waiter(fixture.ready(fixture.eventfd()), Read);
  assert.is(reader.poll(IN), Pending);
  fixture.set.drain();
  assert.is(reader.wakes, 0);
  assert.is(reader.poll(OUT), Pending);
  fixture.set.drain();
  assert.is(reader.wakes, 1);
  assert.is(reader.poll(OUT), OUT);
});

check('both slots of one object may wait for the same event', (fixture) => {
  const fd = fixture.eventfd();
  const ready = fixture.ready(fd);
  const [first, second] = [new Waiter(ready, Read), new Waiter(ready, Write)];
  first.poll(IN);
  signal(fd);
  fixture.set.drain();
  assert.is(second.poll(IN), Pending, 'the second was not there when it was reported');
  fixture.set.drain();
  assert.equal([first.wakes, second.wakes], [1, 1]);
});

check('polling again while pending costs the kernel nothing and keeps the waiter armed', (fixture) => {
  const fd = fixture.eventfd();
  const reader = new Waiter(fixture.ready(fd), Read);
  for (let i = 0; i < 3; i += 1) assert.is(reader.poll(IN), Pending);
  signal(fd);
  fixture.set.drain();
  assert.is(reader.wakes, 1);
  reader.clear();
  assert.is(reader.poll(IN), Pending);
  // Without its registration a call to change it would fail.
  assert.is(epollCtl(fixture.set.fd, EPOLL_CTL_DEL, fd, 0, 0, 0), 0);
  assert.is(reader.poll(IN), Pending);
});

check('several objects of one descriptor are told of the same event', (fixture) => {
  const fd = fixture.eventfd();
  const objects = [fixture.ready(fd), fixture.ready(fd), fixture.ready(fd)];
  const waiters = objects.map((object) => new Waiter(object, Read));
  for (const waiter of waiters) waiter.poll(IN);
  objects[1]?.[Symbol.dispose]();
  signal(fd);
  fixture.set.drain();
  assert.equal(
    waiters.map(({ wakes }) => wakes),
    [1, 0, 1],
  );
});

check('an object disposed in the waker of another one of its descriptor is not woken', (fixture) => {
  const fd = fixture.eventfd(1);
  const objects = [fixture.ready(fd), fixture.ready(fd)];
  let wakes = 0;
  for (const [index, object] of objects.entries()) {
    const waker = () => {
      wakes += 1;
      objects[1 - index]?.[Symbol.dispose]();
    };
    object.pollFdReady(waker, Read, IN);
    object.pollFdReady(waker, Write, IN);
  }
  fixture.set.drain();
  assert.is(wakes, 2, 'both slots of one of them');
});

check('a hang-up wakes a waiter that asked for something else', (fixture) => {
  for (const interest of [IN, OUT, PRI, 0]) {
    const [readFd, writeFd] = pipe2();
    const reader = new Waiter(fixture.ready(fixture.own(readFd)), Read);
    assert.is(reader.poll(interest), Pending);
    close(writeFd);
    fixture.set.drain();
    assert.is(reader.wakes, 1);
    assert.is(reader.poll(interest), HUP);
  }
});

check('a writer whose peer sends no more is told once, and then waits until it may write', (fixture) => {
  const [fd, peer] = socketpair();
  fixture.own(fd);
  fixture.own(peer);
  const ready = fixture.ready(fd);
  const writer = new Waiter(ready, Write);
  fill(fd);
  assert.is(writer.poll(OUT), Pending);
  fixture.set.drain();
  assert.is(writer.wakes, 0);
  shutdown(peer, 'write');
  fixture.set.drain();
  assert.is(writer.wakes, 1);
  assert.is((writer.poll(OUT) as number) & RDHUP, RDHUP);
  writer.clear();
  assert.is(writer.poll(OUT), Pending);
  assert.not(fixture.wakesLoop(), 'RDHUP still holds, and says nothing new');
  const reader = new Waiter(ready, Read);
  assert.is(reader.poll(IN), Pending);
  fixture.set.drain();
  assert.equal([reader.wakes, writer.wakes], [1, 1], 'the reader was not told yet');
  empty(peer);
  fixture.set.drain();
  assert.is(writer.wakes, 2);
  assert.is((writer.poll(OUT) as number) & OUT, OUT);
});

check('what is waited for keeps the loop, what was woken or disposed does not', (fixture) => {
  const fd = fixture.eventfd();
  const ready = fixture.ready(fd);
  const [reader, other] = [new Waiter(ready, Read), new Waiter(ready, Write)];
  assert.is(fixture.holds, 0);
  reader.poll(IN);
  other.poll(PRI);
  assert.is(fixture.holds, 1);
  signal(fd);
  fixture.set.drain();
  assert.is(fixture.holds, 1);
  ready[Symbol.dispose]();
  ready[Symbol.dispose]();
  assert.is(fixture.holds, 0);
  assert.is(epollCtl(fixture.set.fd, EPOLL_CTL_ADD, fd, IN, 0, 0), 0, 'the kernel holds nothing of it');
  assert.throws(
    () => reader.poll(IN),
    (error: { code?: string }) => error.code === 'ERR_POLYRING_DISPOSED',
  );
});

check('a poll of what was closed before disposal throws EBADF each time and does not keep the loop', (fixture) => {
  const fd = fixture.eventfd();
  const ready = fixture.ready(fd);
  const reader = new Waiter(ready, Read);
  fixture.close(fd);
  for (let i = 0; i < 2; i += 1) {
    assert.throws(
      () => reader.poll(IN),
      (error: { code?: string }) => error.code === 'EBADF',
    );
    assert.is(fixture.holds, 0);
  }
  ready.wakeAll();
  assert.is(reader.wakes, 0, 'a poll that threw waits for nothing');
});

check('a slot or an event that does not exist is refused', (fixture) => {
  const ready = fixture.ready(fixture.eventfd());
  const outOfRange = (error: { code?: string }) => error.code === 'ERR_OUT_OF_RANGE';
  assert.throws(() => ready.pollFdReady(() => {}, 2 as InterestSlot, IN), outOfRange);
  assert.throws(() => ready.pollSocketReady(() => {}, Read, 1 << 30), outOfRange);
  assert.throws(() => ready.clearFdReady(-1 as InterestSlot), outOfRange);
});

check('a socket is polled and cleared by its own names', (fixture) => {
  const [fd, peer] = socketpair();
  fixture.own(fd);
  fixture.own(peer);
  const ready = fixture.ready(fd);
  let wakes = 0;
  const waker = () => {
    wakes += 1;
  };
  assert.is(ready.pollSocketReady(waker, Read, IN), Pending);
  write(peer, Buffer.from('x'));
  fixture.set.drain();
  assert.is(wakes, 1);
  assert.is(ready.pollSocketReady(waker, Read, IN), IN);
  read(fd, Buffer.alloc(1));
  ready.clearSocketReady(Read);
  assert.is(ready.pollSocketReady(waker, Read, IN), Pending);
  assert.not(fixture.wakesLoop());
});

check('disposing while a duplicate lives leaves the other object its events', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const ready = fixture.ready(fd);
  const other = new Waiter(fixture.ready(copy), Read);
  new Waiter(ready, Read).poll(IN);
  other.poll(IN);
  ready[Symbol.dispose]();
  fixture.close(fd);
  signal(copy);
  fixture.set.drain();
  assert.is(other.wakes, 1);
});

test.run();
