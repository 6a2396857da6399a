import { InterestSlot, Pending, type Poll, PollEvents } from '@polyring/core';
import { close, dup, eventfd } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPollDriver } from './driver.js';

test('a descriptor that is closed before its object is disposed of costs its waiter an error', async () => {
  await using driver = createPollDriver();
  const fd = eventfd();
  // A number that nothing else of the process takes meanwhile.
  const high = Array.from({ length: 64 }, () => dup(fd));
  const last = high.at(-1) as number;
  using readiness = driver.newDynFdReady(last);
  const poll = (waker: () => void): Poll<PollEvents> => readiness.pollFdReady(waker, InterestSlot.Read, PollEvents.IN);
  const woken = new Promise<void>((resolve) => assert.is(poll(resolve), Pending));
  close(last);
  // The thread looks at every descriptor again when it is told of another one.
  using other = driver.newDynFdReady(fd);
  other.pollFdReady(() => {}, InterestSlot.Write, PollEvents.OUT);
  await woken;
  assert.throws(
    () => poll(() => {}),
    (error: NodeJS.ErrnoException) => error.code === 'EBADF' && error.syscall === 'poll',
  );
  for (const each of [fd, ...high.slice(0, -1)]) close(each);
});

test.run();
