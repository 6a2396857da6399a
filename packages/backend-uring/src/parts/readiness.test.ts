import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import {
  type Driver,
  InterestSlot,
  nop,
  Pending,
  type Poll,
  PollEvents,
  type PollFdReady,
  type RawFd,
} from '@polyring/core';
import {
  accept4,
  bind,
  close,
  connect,
  dup,
  getsockname,
  listen,
  send,
  shutdown,
  socket,
  socketpair,
  tryRead,
  tryWrite,
} from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

const test = suite('readiness');

/** Takes all descriptors that are left. */
function takeDescriptors(): number[] {
  const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
  assert.is(limited.status, 0, String(limited.stderr ?? limited.error));
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EMFILE');
  }
  return taken;
}

test('where no descriptor is left a writer waits for room all the same, though its peer sends no more', async () => {
  const driver = uringBackend.create();
  const [near, far] = socketpair();
  while (tryWrite(near, Buffer.alloc(65_536)) > 0);
  shutdown(far, 'write');
  const ready = driver.newDynSocketReady(near);
  const taken = takeDescriptors();
  const answers: Poll<PollEvents>[] = [];
  await new Promise<void>((resolve, reject) => {
    const poll = (): void => {
      try {
        const answer = ready.pollSocketReady(poll, InterestSlot.Write, PollEvents.OUT);
        answers.push(answer);
        if (answer === PollEvents.RDHUP) {
          ready.clearSocketReady(InterestSlot.Write);
          poll();
          for (const fd of taken) closeSync(fd);
          while (tryRead(far, Buffer.alloc(65_536)) > 0);
        } else if (answer !== Pending) resolve();
      } catch (error) {
        reject(error);
      }
    };
    poll();
  });
  assert.equal(answers.slice(0, 3), [Pending, PollEvents.RDHUP, Pending]);
  ready[Symbol.dispose]();
  await driver.close();
  close(near);
  close(far);
});

test('a poll for which no descriptor is left throws, and leaves the wait before it as it was', async () => {
  const driver = uringBackend.create();
  const [near, far] = socketpair();
  const ready = driver.newDynFdReady(near);
  const taken = takeDescriptors();
  const poll = (waker: () => void, events: PollEvents) => ready.pollFdReady(waker, InterestSlot.Read, events);
  const throwsAgain = () =>
    assert.throws(
      () => poll(() => assert.unreachable('its poll threw'), PollEvents.PRI),
      (error: { code?: string }) => error.code === 'EMFILE',
    );
  throwsAgain();
  const woken = new Promise<void>((resolve) => {
    assert.is(poll(resolve, PollEvents.IN), Pending);
  });
  throwsAgain();
  await driver.ioUringSubmit(nop());
  throwsAgain();
  for (const fd of taken) closeSync(fd);
  tryWrite(far, Buffer.from('x'));
  await woken;
  assert.is(
    poll(() => {}, PollEvents.IN),
    PollEvents.IN,
  );
  await driver.close();
  close(near);
  close(far);
});

test('a poll for urgent data of a descriptor that was closed too early is EBADF', async () => {
  const driver = uringBackend.create();
  const [near, far] = socketpair();
  const ready = driver.newDynFdReady(near);
  const another = dup(far);
  const isRefused = (slot: InterestSlot, events: PollEvents) =>
    assert.throws(
      () => ready.pollFdReady(() => {}, slot, events),
      (error: { code?: string }) => error.code === 'EBADF',
    );
  assert.is(
    ready.pollFdReady(() => {}, InterestSlot.Read, PollEvents.PRI),
    Pending,
  );
  await driver.ioUringSubmit(nop());
  close(near);
  isRefused(InterestSlot.Read, PollEvents.PRI | PollEvents.IN);
  isRefused(InterestSlot.Write, PollEvents.PRI);
  isRefused(InterestSlot.Write, PollEvents.PRI);
  assert.is(dup(another), near, 'the number means another file');
  isRefused(InterestSlot.Read, PollEvents.PRI | PollEvents.IN);
  await driver.close();
  for (const fd of [near, far, another]) close(fd);
});

const MSG_OOB = 1;

function tcpPair(): { readonly near: RawFd; readonly far: RawFd } {
  const listener = socket('ipv4', 'stream', { nonblock: false });
  bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  listen(listener);
  const far = socket('ipv4', 'stream', { nonblock: false });
  connect(far, getsockname(listener));
  const near = accept4(listener);
  close(listener);
  return { near, far };
}

/** An object whose event is in the completion queue, and has yet to be told. */
interface Untold {
  readonly driver: Driver;
  readonly ready: PollFdReady;
  /** Another descriptor with urgent data. */
  readonly urgent: RawFd;
  /** To be called for what is polled for instead. */
  readonly told: () => void;
}

/** Whether what `replace` polls for is told, where it replaces a poll that has completed. */
async function isToldAfter(replace: (untold: Untold) => void): Promise<boolean> {
  const driver = uringBackend.create();
  const [first, second, third] = [tcpPair(), tcpPair(), tcpPair()];
  const ahead = driver.newDynFdReady(first.near);
  const ready = driver.newDynFdReady(second.near);
  let told = false;
  send(third.far, Buffer.from('!'), 0, 1, MSG_OOB);
  const replaced = new Promise<void>((resolve) => {
    ahead.pollFdReady(
      () => {
        replace({ driver, ready, urgent: third.near, told: () => (told = true) });
        resolve();
      },
      InterestSlot.Read,
      PollEvents.IN,
    );
  });
  ready.pollFdReady(() => assert.unreachable('it was told first'), InterestSlot.Read, PollEvents.PRI);
  // The kernel has the polls then, and completes them in the order of what comes.
  await driver.ioUringSubmit(nop());
  send(first.far, Buffer.from('x'));
  send(second.far, Buffer.from('!'), 0, 1, MSG_OOB);
  await replaced;
  // Behind the poll of `replace`, whose events hold already.
  await driver.ioUringSubmit(nop());
  const toldInTime = told;
  await driver.close();
  for (const { near, far } of [first, second, third]) {
    close(near);
    close(far);
  }
  return toldInTime;
}

test('an object that was disposed takes no event of the next one, whose epoll set has its number', async () => {
  const told = await isToldAfter(({ driver, urgent, ready, told }) => {
    ready[Symbol.dispose]();
    assert.is(driver.newDynFdReady(urgent).pollFdReady(told, InterestSlot.Read, PollEvents.PRI), Pending);
  });
  assert.ok(told);
});

test('a poll that was replaced takes no event of the one in its place', async () => {
  const told = await isToldAfter(({ ready, told }) => {
    assert.is(ready.pollFdReady(told, InterestSlot.Read, PollEvents.PRI | PollEvents.IN), Pending);
  });
  assert.ok(told);
});

runWhereGranted(test);
