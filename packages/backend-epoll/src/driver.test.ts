import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { after, type Driver, InterestSlot, nop, Pending, PollEvents, type RawFd } from '@polyring/core';
import { close, eventfd, pipe2, socketpair } from '@polyring/sys';
import { openDescriptors, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEpollDriver } from './driver.js';
import { consume, signal } from './set-fixture.test-support.js';

const { Read } = InterestSlot;
const { IN, OUT } = PollEvents;

/** How often a descriptor stands in the epoll sets of the process (proc(5), fdinfo). */
function registrations(fd: RawFd): number {
  const sets = readdirSync('/proc/self/fd').map((each) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${each}`, 'utf8');
    } catch {
      return '';
    }
  });
  return sets.join('\n').match(new RegExp(`^tfd:\\s+${fd}\\s`, 'gm'))?.length ?? 0;
}

/** Resolves when the descriptor has one of the events. */
function readable(driver: Driver, fd: RawFd): Promise<void> {
  const ready = driver.newDynFdReady(fd);
  return new Promise((resolve) => {
    const waker = () => {
      if (ready.pollFdReady(waker, Read, IN) === Pending) return;
      ready[Symbol.dispose]();
      resolve();
    };
    waker();
  });
}

/** Resolves with the count that a wait consumed. */
function consumed(driver: Driver, fd: RawFd): Promise<bigint> {
  const wait = driver.newDynWait(fd, 8);
  return new Promise((resolve) => {
    const waker = () => {
      if (wait.pollWait(waker) === Pending) return;
      wait[Symbol.dispose]();
      resolve(wait.value);
    };
    waker();
  });
}

test('readiness, waits and timers come through the loop', async () => {
  const driver = createEpollDriver();
  const fd = eventfd();
  const ready = readable(driver, fd);
  const [first, second] = [consumed(driver, fd), consumed(driver, fd)];
  setImmediate(signal, fd);
  await ready;
  assert.is(await Promise.race([first, second]), 1n);
  setImmediate(signal, fd);
  assert.is((await Promise.all([first, second])).length, 2);
  const timer = driver.newDynTimer();
  const deadline = after(0.3);
  await new Promise<void>((resolve) => {
    if (timer.pollTimer(resolve, deadline) !== Pending) resolve();
  });
  assert.not.equal(
    timer.pollTimer(() => {}),
    Pending,
  );
  await driver.close();
  close(fd);
});

test('a driver has its name, no ring, and lends ordinary memory', async () => {
  const driver = createEpollDriver();
  assert.is(driver.name, 'epoll');
  assert.equal(driver.supports, { ioUring: false });
  assert.is(driver.ioUringProbe(0), false);
  const rejected = await driver.ioUringSubmit(nop()).catch((error: { code?: string }) => error.code);
  assert.is(rejected, 'ERR_POLYRING_UNSUPPORTED');
  const memory = driver.allocate(16);
  assert.is(memory.bytes.length, 16);
  memory.release();
  await driver.close();
});

test('a descriptor is checked when its object is made, and a refusal leaves nothing registered', async () => {
  const driver = createEpollDriver();
  const before = openDescriptors();
  const closed = eventfd();
  close(closed);
  throws(() => driver.newDynFdReady(closed), 'EBADF');
  throws(() => driver.newDynSocketReady(closed), 'EBADF');
  throws(() => driver.newDynWait(closed, 8), 'EBADF');
  throws(() => driver.newDynFdReady(-1), 'ERR_OUT_OF_RANGE');
  throws(() => driver.newDynWait(1.5, 8), 'ERR_OUT_OF_RANGE');
  const [blocking, writeFd] = pipe2({ nonblock: false });
  throws(() => driver.newDynSocketReady(blocking), 'ENOTSOCK');
  throws(() => driver.newDynWait(blocking, 1), 'ERR_POLYRING_BLOCKING_FD');
  for (const size of [0, 9, 1.5]) throws(() => driver.newDynWait(blocking, size), 'ERR_OUT_OF_RANGE');
  assert.is(registrations(blocking), 0);
  const ready = driver.newDynFdReady(blocking);
  assert.is(registrations(blocking), 1);
  ready[Symbol.dispose]();
  assert.is(registrations(blocking), 0);
  for (const fd of [blocking, writeFd]) close(fd);
  assert.is(openDescriptors(), before);
  await driver.close();
});

test('an object disposed in the waker of another one is not woken by an event of the same batch', async () => {
  const driver = createEpollDriver();
  const fds = [eventfd(1), eventfd(1)];
  const woken: number[] = [];
  const objects = fds.map((fd) => driver.newDynFdReady(fd));
  await new Promise<void>((resolve) => {
    for (const [index, object] of objects.entries()) {
      const waker = () => {
        woken.push(index);
        objects[1 - index]?.[Symbol.dispose]();
        setImmediate(resolve);
      };
      object.pollFdReady(waker, Read, IN);
    }
  });
  assert.is(woken.length, 1);
  await driver.close();
  for (const fd of fds) close(fd);
});

test('closing wakes everybody after it returned, polls then throw, and disposing is no error', async () => {
  const driver = createEpollDriver();
  const [fd, [socket, peer]] = [eventfd(), socketpair()];
  const ready = driver.newDynFdReady(fd);
  const socketReady = driver.newDynSocketReady(socket);
  const wait = driver.newDynWait(fd, 8);
  const timer = driver.newDynTimer();
  const woken: string[] = [];
  const waker = (name: string) => () => {
    woken.push(name);
  };
  ready.pollFdReady(waker('reader'), 0, IN);
  ready.pollFdReady(waker('other'), 1, IN);
  socketReady.pollSocketReady(waker('socket'), 0, IN);
  wait.pollWait(waker('wait'));
  timer.pollTimer(waker('timer'), after(60_000));
  const end = driver.close();
  assert.ok(driver.closed);
  assert.equal(woken, []);
  assert.is(driver.close(), end);
  throws(() => ready.pollFdReady(() => {}, 0, IN), 'ERR_POLYRING_CLOSED');
  await end;
  assert.equal([...woken].sort(), ['other', 'reader', 'socket', 'timer', 'wait']);
  for (const poll of [
    () => ready.pollFdReady(() => {}, 0, IN),
    () => ready.clearFdReady(0),
    () => socketReady.pollSocketReady(() => {}, 0, IN),
    () => wait.pollWait(() => {}),
    () => wait.pollCancelWait(() => {}),
    () => timer.pollTimer(() => {}),
    () => driver.newDynFdReady(fd),
    () => driver.newDynSocketReady(socket),
    () => driver.newDynWait(fd, 8),
    () => driver.newDynTimer(),
  ]) {
    throws(poll, 'ERR_POLYRING_CLOSED');
  }
  for (const object of [ready, socketReady, wait, timer]) object[Symbol.dispose]();
  for (const each of [fd, socket, peer]) close(each);
});

test('an object that outlives its driver touches no descriptor that has its number now', async () => {
  const driver = createEpollDriver();
  const fd = eventfd(1);
  const ready = driver.newDynFdReady(fd);
  await driver.close();
  const other = createEpollDriver();
  const again = readable(other, fd);
  ready[Symbol.dispose]();
  await again;
  await other.close();
  close(fd);
});

test('a driver may be closed in a waker, and the rest of the batch learns of it', async () => {
  const driver = createEpollDriver();
  const fds = [eventfd(1), eventfd(1), eventfd(1)];
  const closedPolls: string[] = [];
  let end: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    for (const fd of fds) {
      const ready = driver.newDynFdReady(fd);
      const waker = () => {
        try {
          ready.pollFdReady(waker, Read, IN);
          end = driver.close();
          resolve();
        } catch (error) {
          closedPolls.push((error as { code: string }).code);
        }
      };
      ready.pollFdReady(waker, Read, IN);
    }
  });
  await end;
  assert.equal(closedPolls, ['ERR_POLYRING_CLOSED', 'ERR_POLYRING_CLOSED']);
  for (const fd of fds) close(fd);
});

test('200 drivers made and closed leave no descriptor', async () => {
  await createEpollDriver().close();
  const before = openDescriptors();
  for (let i = 0; i < 200; i += 1) {
    const driver = createEpollDriver();
    driver.newDynTimer().pollTimer(() => {}, after(60_000));
    await driver.close();
  }
  assert.is(openDescriptors(), before);
});

test('two drivers in one thread watch the same descriptor', async () => {
  const drivers = [createEpollDriver(), createEpollDriver()];
  const fd = eventfd();
  const both = Promise.all(drivers.map((driver) => readable(driver, fd)));
  signal(fd);
  await both;
  for (const driver of drivers) await driver.close();
  close(fd);
});

test('a thousand waiting descriptors and a far timer do not wake the loop', async () => {
  const driver = createEpollDriver();
  const fds = Array.from({ length: 1_000 }, () => eventfd());
  const active = fds[500]!;
  const idle: Disposable[] = [];
  for (const fd of fds.filter((each) => each !== active)) {
    const ready = driver.newDynFdReady(fd);
    assert.is(
      ready.pollFdReady(() => assert.unreachable(), Read, IN),
      Pending,
    );
    idle.push(ready);
  }
  const awaited = readable(driver, active);
  const timer = driver.newDynTimer();
  timer.pollTimer(() => assert.unreachable(), after(60_000));
  idle.push(timer);
  await new Promise((resolve) => setImmediate(resolve));
  const before = performance.nodeTiming.uvMetricsInfo.loopCount;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const turns = performance.nodeTiming.uvMetricsInfo.loopCount - before;
  assert.ok(turns <= 10, `${turns} turns of the loop in 200 ms`);
  signal(active);
  await awaited;
  assert.is(consume(active), 1n);
  for (const object of idle) object[Symbol.dispose]();
  await driver.close();
  for (const fd of fds) close(fd);
});

test('a waker that polls at once again does not starve the loop', async () => {
  const driver = createEpollDriver();
  const fd = eventfd();
  const ready = driver.newDynFdReady(fd);
  let polls = 0;
  const waker = () => {
    polls += 1;
    ready.clearFdReady(Read);
    ready.pollFdReady(waker, Read, OUT);
  };
  ready.pollFdReady(waker, Read, OUT);
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(polls >= 10, `${polls} wakes in 50 turns`);
  ready[Symbol.dispose]();
  await driver.close();
  close(fd);
});

test.run();
