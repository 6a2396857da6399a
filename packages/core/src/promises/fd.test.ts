import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Errno } from '../errors/errno.js';
import { systemError } from '../errors/system-error.js';
import { type FakeFdReady, fakeDriver, isSettled, settled } from '../fake-driver.test-support.js';
import { Pending } from '../values/poll.js';
import { InterestSlot, PollEvents } from '../values/poll-events.js';
import { PolledFd } from './fd.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, HUP, RDHUP } = PollEvents;

function setup(): { fd: PolledFd; fake: FakeFdReady; calls: unknown[][] } {
  const { driver, parts } = fakeDriver();
  const fd = new PolledFd(driver, 7);
  return { fd, fake: parts.ready[0] as FakeFdReady, calls: parts.calls };
}

/** Lets polls for PRI throw a system error. */
function refuseUrgent(fake: FakeFdReady, errno: number): void {
  const poll = fake.pollFdReady.bind(fake);
  fake.pollFdReady = (waker, slot, events) => {
    if ((events & PRI) !== 0) throw systemError(errno, 'epoll_ctl');
    return poll(waker, slot, events);
  };
}

test('the descriptor is registered once, at creation', () => {
  assert.equal(setup().calls, [['newFdReady', 7]]);
});

test('readiness that is there resolves without a wake', async () => {
  const { fd, fake } = setup();
  fake.raise(Read, IN);
  assert.is(await fd.readable(), IN);
});

test('readiness that comes resolves with what holds of what was asked for', async () => {
  const { fd, fake } = setup();
  const ready = fd.ready(Read, IN | PRI);
  assert.not(await isSettled(ready));
  fake.raise(Read, IN | OUT);
  assert.is(await ready, IN);
});

test('HUP ends a wait for something else', async () => {
  const { fd, fake } = setup();
  const ready = fd.writable();
  fake.raise(Write, HUP | RDHUP);
  assert.is(await ready, HUP | RDHUP);
});

test('the two slots wait apart', async () => {
  const { fd, fake } = setup();
  const readable = fd.readable();
  const writable = fd.writable();
  fake.raise(Write, OUT);
  assert.is(await writable, OUT);
  assert.not(await isSettled(readable));
  fake.raise(Read, IN);
  assert.is(await readable, IN);
});

test('a wake without readiness polls again', async () => {
  const { fd, fake } = setup();
  const ready = fd.readable();
  fake.wakers[Read].wake();
  assert.is(fake.polls, 2);
  assert.not(await isSettled(ready));
  fake.raise(Read, IN);
  await ready;
});

test('callers of one slot share it, and each resolves by events of its own', async () => {
  const { fd, fake } = setup();
  const settledOrder: string[] = [];
  const note = (name: string) => (events: PollEvents) => {
    settledOrder.push(name);
    return events;
  };
  const first = fd.ready(Read, IN).then(note('first'));
  const urgent = fd.ready(Read, PRI).then(note('urgent'));
  const second = fd.ready(Read, IN).then(note('second'));
  assert.is(fake.asked.at(-1), IN | PRI);
  fake.raise(Read, IN);
  assert.is(await first, IN);
  assert.is(await second, IN);
  assert.not(await isSettled(urgent));
  assert.equal(settledOrder, ['first', 'second']);
  assert.is(fake.asked.at(-1), PRI);
  fake.raise(Read, PRI);
  assert.is(await urgent, PRI);
});

test('callers of one slot are told of events of their own only, and of HUP', async () => {
  const { fd, fake } = setup();
  const first = fd.ready(Read, IN);
  const urgent = fd.ready(Read, PRI);
  fake.raise(Read, IN | PRI | HUP);
  assert.is(await first, IN | HUP);
  assert.is(await urgent, PRI | HUP);
});

test('a driver that answers with an empty set does not keep the thread', async () => {
  const { fd, fake } = setup();
  fake.pollFdReady = () => 0;
  assert.not(await isSettled(fd.readable()));
});

test('the error of a poll rejects every caller of the slot, and only them', async () => {
  const { fd, fake } = setup();
  const rejections = [fd.ready(Read, IN), fd.ready(Read, PRI)].map(rejectionOf);
  const other = fd.writable();
  fake.failure = systemError(Errno.EBADF, 'poll');
  fake.wakers[Read].wake();
  for (const rejection of rejections) assert.is((await rejection).code, 'EBADF');
  assert.not(await isSettled(other));
});

test('the error of what one caller asks for rejects that caller, and the others wait on', async () => {
  const { fd, fake } = setup();
  refuseUrgent(fake, Errno.EMFILE);
  const readable = fd.readable();
  await rejects(fd.ready(Read, PRI), 'EMFILE');
  assert.not(await isSettled(readable));
  assert.is(fake.asked.at(-1), IN);
  assert.is(fake.hasRef(), true);
  fake.raise(Read, IN);
  assert.is(await readable, IN);
});

test('a descriptor that was closed rejects every caller of the slot, whoever is told of it', async () => {
  const { fd, fake } = setup();
  refuseUrgent(fake, Errno.EBADF);
  const rejections = [fd.readable(), fd.ready(Read, PRI)].map(rejectionOf);
  for (const rejection of rejections) assert.is((await rejection).code, 'EBADF');
  assert.is(fake.hasRef(), false);
});

test('an aborted wait rejects at once, and another caller of the slot waits on', async () => {
  const { fd, fake } = setup();
  const controller = new AbortController();
  const aborted = fd.readable({ signal: controller.signal });
  const other = fd.readable();
  const reason = new Error('enough');
  controller.abort(reason);
  const error = await rejectionOf(aborted);
  assert.is(error.name, 'AbortError');
  assert.is(error.cause, reason);
  assert.not(await isSettled(other));
  fake.raise(Read, IN);
  assert.is(await other, IN);
});

test('a signal that aborted before starts nothing', async () => {
  const { fd, fake } = setup();
  await rejects(fd.readable({ signal: AbortSignal.abort() }), 'AbortError');
  assert.is(fake.polls, 0);
});

test('no listener stays on a signal once a wait is over, whatever ended it', async () => {
  const { fd, fake } = setup();
  const { signal } = new AbortController();
  const over = fd.readable({ signal });
  assert.is(getEventListeners(signal, 'abort').length, 1);
  fake.raise(Read, IN);
  await over;
  assert.is(getEventListeners(signal, 'abort').length, 0);
  const disposed = fd.writable({ signal });
  fd[Symbol.dispose]();
  await rejectionOf(disposed);
  assert.is(getEventListeners(signal, 'abort').length, 0);
});

test('a wait that was given up does not keep the process alive, and the next one does', async () => {
  const { fd, fake } = setup();
  const controller = new AbortController();
  const aborted = fd.readable({ signal: controller.signal });
  const writable = fd.writable();
  controller.abort();
  await rejectionOf(aborted);
  assert.is(fake.hasRef(), true, 'the other slot waits');
  fake.raise(Write, OUT);
  await writable;
  assert.is(fake.hasRef(), false, 'nobody waits, and the driver still polls the reading slot');
  assert.is(fd.hasRef(), true);
  const next = fd.readable();
  assert.is(fake.hasRef(), true);
  fake.raise(Read, IN);
  await next;
  assert.is(fake.hasRef(), true);
});

test('a late event of a wait that was given up is not lost to the next caller', async () => {
  const { fd, fake } = setup();
  const controller = new AbortController();
  const aborted = fd.readable({ signal: controller.signal });
  controller.abort();
  await rejectionOf(aborted);
  fake.raise(Read, IN);
  assert.is(fake.hasRef(), true, 'the driver polls no more');
  assert.is(await fd.readable(), IN);
});

test('ref and unref are passed on, and kept through a wait that was given up', async () => {
  const { fd, fake } = setup();
  assert.is(fd.unref(), fd);
  assert.is(fake.hasRef(), false);
  const ready = fd.readable();
  assert.is(fake.hasRef(), false);
  fake.raise(Read, IN);
  await ready;
  assert.is(fd.hasRef(), false);
  fd.ref();
  assert.is(fake.hasRef(), true);
});

test('disposal rejects every wait and lets go of the descriptor', async () => {
  const { fd, fake } = setup();
  const rejections = [fd.readable(), fd.readable(), fd.writable()].map(rejectionOf);
  fd[Symbol.dispose]();
  fd[Symbol.dispose]();
  for (const rejection of rejections) assert.is((await rejection).code, 'ERR_POLYRING_DISPOSED');
  assert.is(fake.disposals, 1);
  await rejects(fd.readable(), 'ERR_POLYRING_DISPOSED');
  assert.throws(() => fd.clear(Read), /disposed/);
});

test("disposal behind an event keeps the I/O from being done: the number may be another file's", async () => {
  const { fd, fake } = setup();
  let calls = 0;
  const io = (): number => {
    calls += 1;
    return calls;
  };
  fake.raise(Read, IN);
  const done = rejectionOf(fd.pollIo(Read, IN, io));
  fd[Symbol.dispose]();
  assert.is((await done).code, 'ERR_POLYRING_DISPOSED');
  assert.is(calls, 0);
});

test('what is no slot and what are no events is refused', async () => {
  const { fd, fake } = setup();
  await rejects(fd.ready(2 as never, IN), 'ERR_OUT_OF_RANGE');
  await rejects(fd.ready('0' as never, IN), 'ERR_INVALID_ARG_TYPE');
  await rejects(fd.ready(Read, -1), 'ERR_OUT_OF_RANGE');
  await rejects(fd.ready(Read, 1.5), 'ERR_OUT_OF_RANGE');
  await rejects(fd.pollIo(Read, IN, null as never), 'ERR_INVALID_ARG_TYPE');
  assert.is(fake.polls, 0);
});

test('clear forgets the readiness of one slot', async () => {
  const { fd, fake } = setup();
  fake.raise(Read, IN);
  fd.clear(Read);
  assert.equal(fake.clears, [Read]);
  assert.not(await isSettled(fd.readable()));
});

test('I/O that succeeds is done once, with the events that hold, and leaves the readiness', async () => {
  const { fd, fake } = setup();
  const seen: PollEvents[] = [];
  fake.raise(Read, IN);
  const result = await fd.pollIo(Read, IN, (ready) => {
    seen.push(ready);
    return 'data';
  });
  assert.is(result, 'data');
  assert.equal(seen, [IN]);
  assert.equal(fake.clears, []);
});

test('I/O that says EAGAIN is done again at the next event, after a clear', async () => {
  const { fd, fake } = setup();
  const answers: (() => number | undefined | Pending)[] = [
    () => undefined,
    () => Pending,
    () => {
      throw systemError(Errno.EAGAIN, 'read');
    },
    () => 0,
  ];
  let calls = 0;
  const done = fd.pollIo(Read, IN, () => answers[calls++]?.());
  for (let round = 1; round <= answers.length; round += 1) {
    assert.not(await isSettled(done));
    fake.raise(Read, IN);
    await settled();
    assert.is(calls, round);
    assert.is(fake.clears.length, Math.min(round, 3));
  }
  assert.is(await done, 0);
});

test('what I/O throws rejects, and clears nothing', async () => {
  const { fd, fake } = setup();
  fake.raise(Read, IN);
  const failing = fd.pollIo(Read, IN, () => {
    throw systemError(Errno.ECONNRESET, 'read');
  });
  await rejects(failing, 'ECONNRESET');
  assert.equal(fake.clears, []);
});

test('an abort ends I/O between two attempts', async () => {
  const { fd, fake } = setup();
  const controller = new AbortController();
  const done = fd.pollIo(Read, IN, () => undefined, { signal: controller.signal });
  fake.raise(Read, IN);
  await settled();
  controller.abort();
  await rejects(done, 'AbortError');
});

test('I/O is done in the context that it was asked for in', async () => {
  const { fd, fake } = setup();
  const storage = new AsyncLocalStorage<string>();
  const seen = storage.run('caller', () => fd.pollIo(Read, IN, () => storage.getStore()));
  storage.run('drain', () => fake.raise(Read, IN));
  assert.is(await seen, 'caller');
});

test.run();
