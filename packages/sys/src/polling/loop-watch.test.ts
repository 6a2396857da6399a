import { closeSync, openSync } from 'node:fs';
import { PollEvents } from '@polyring/core';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { isNonblocking, setNonblocking } from '../descriptors/status-flags.js';
import { eventfd } from '../events/eventfd.js';
import { pipe2 } from '../files/pipe2.js';
import { read, write } from '../files/read-write.js';
import { socketpair } from '../sockets/socketpair.js';
import { untilReady } from '../until-ready.test-support.js';
import { epollCreate } from './epoll.js';
import { LoopWatch } from './loop-watch.js';

const counter = new BigUint64Array(1);

test('the callback gets every turn in which the descriptor is ready, until it is not', async () => {
  const fd = eventfd(0, { semaphore: true });
  const seen: number[] = [];
  await new Promise<void>((resolve) => {
    const watch = new LoopWatch(fd, (events) => {
      seen.push(events);
      read(fd, counter);
      if (seen.length === 3) {
        watch.close();
        resolve();
      }
    });
    watch.hold();
    write(fd, BigUint64Array.of(3n));
  });
  assert.equal(seen, [PollEvents.IN, PollEvents.IN, PollEvents.IN]);
  close(fd);
});

test('ticks and promises run at once after the callback, before an immediate it queued', async () => {
  const fd = eventfd(1);
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    const watch = new LoopWatch(fd, () => {
      setImmediate(() => {
        order.push('immediate');
        resolve();
      });
      void Promise.resolve()
        .then(() => order.push('promise'))
        .then(() => order.push('second promise'));
      process.nextTick(() => order.push('tick'));
      watch.close();
      order.push('callback');
    });
    watch.hold();
  });
  assert.equal(order, ['callback', 'tick', 'promise', 'second promise', 'immediate']);
  close(fd);
});

test('an exception reaches uncaughtException, ticks and promises follow it, and the watch goes on', async () => {
  const fd = eventfd(2, { semaphore: true });
  const order: string[] = [];
  const record = (error: Error) => order.push(error.message);
  process.on('uncaughtException', record);
  await new Promise<void>((resolve) => {
    const watch = new LoopWatch(fd, () => {
      read(fd, counter);
      const name = order.length === 0 ? 'first' : 'second';
      process.nextTick(() => order.push(`${name} tick`));
      void Promise.resolve().then(() => order.push(`${name} promise`));
      setImmediate(() => {
        order.push(`${name} immediate`);
        if (name === 'second') resolve();
      });
      if (name === 'second') watch.close();
      throw new Error(`${name} error`);
    });
    watch.hold();
  });
  process.off('uncaughtException', record);
  assert.equal(order, [
    ...['first error', 'first tick', 'first promise', 'first immediate'],
    ...['second error', 'second tick', 'second promise', 'second immediate'],
  ]);
  close(fd);
});

test('what is thrown in a tick or a rejected promise of the callback is reported too', async () => {
  const fd = eventfd(1);
  const messages: string[] = [];
  await new Promise<void>((resolve) => {
    const record = (error: Error) => {
      messages.push(error.message);
      if (messages.length < 2) return;
      process.off('uncaughtException', record);
      resolve();
    };
    process.on('uncaughtException', record);
    const watch = new LoopWatch(fd, () => {
      watch.close();
      process.nextTick(() => {
        throw new Error('tick');
      });
      void Promise.reject(new Error('promise'));
    });
    watch.hold();
  });
  assert.equal(messages, ['tick', 'promise']);
  close(fd);
});

test('the events asked for are the ones reported', async () => {
  const [left, right] = socketpair();
  assert.is(await untilReady(left, PollEvents.OUT), PollEvents.OUT);
  write(right, Buffer.from('x'));
  assert.is(await untilReady(left, PollEvents.IN | PollEvents.OUT), PollEvents.IN | PollEvents.OUT);
  close(right);
  assert.is(await untilReady(left, PollEvents.IN | PollEvents.RDHUP), PollEvents.IN | PollEvents.RDHUP);
  close(left);
  const mounts = openSync('/proc/self/mounts', 'r');
  assert.is(await untilReady(mounts, PollEvents.IN), PollEvents.IN);
  closeSync(mounts);
});

test('a descriptor in error is reported once, as ERR alone', async () => {
  const [readFd, writeFd] = pipe2();
  close(readFd);
  const seen: number[] = [];
  const watch = new LoopWatch(writeFd, (events) => seen.push(events), { events: PollEvents.OUT });
  assert.is(await untilReady(eventfd(1), PollEvents.IN), PollEvents.IN);
  assert.is(await untilReady(eventfd(1), PollEvents.IN), PollEvents.IN);
  assert.equal(seen, [PollEvents.ERR]);
  watch.close();
  close(writeFd);
});

test('after close there is no callback, and the number may be closed, reused and watched again', async () => {
  for (let round = 0; round < 50; round += 1) {
    const fd = eventfd(1);
    const old = new LoopWatch(fd, () => assert.unreachable('called after close'));
    old.hold();
    old.close();
    old.close();
    old.hold();
    old.release();
    assert.ok(old.closed);
    close(fd);
    const again = eventfd(1);
    assert.is(again, fd);
    assert.is(await untilReady(again, PollEvents.IN), PollEvents.IN);
    close(again);
  }
});

test('a watch may be closed by the callback of another that is ready in the same turn', async () => {
  const fds = [eventfd(1), eventfd(1)];
  const called: number[] = [];
  await new Promise<void>((resolve) => {
    const watches = fds.map((fd) => {
      const watch = new LoopWatch(fd, () => {
        called.push(fd);
        for (const each of watches) each.close();
        setImmediate(resolve);
      });
      watch.hold();
      return watch;
    });
  });
  assert.is(called.length, 1);
  for (const fd of fds) close(fd);
});

test('what cannot be watched is refused, and leaves the number free for a watch', async () => {
  const file = openSync('/proc/self/exe', 'r');
  throws(() => new LoopWatch(file, () => {}), 'EPERM');
  closeSync(file);
  throws(() => new LoopWatch(file, () => {}), 'EBADF');
  const fd = eventfd(1);
  throws(() => new LoopWatch(fd, 'callback' as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => new LoopWatch(fd, () => {}, { events: 0 }), 'ERR_OUT_OF_RANGE');
  throws(() => new LoopWatch(fd, () => {}, { events: 0x40 }), 'ERR_OUT_OF_RANGE');
  throws(() => new LoopWatch(-1, () => {}), 'ERR_OUT_OF_RANGE');
  const watch = new LoopWatch(fd, () => {});
  throws(() => new LoopWatch(fd, () => {}), 'EEXIST');
  watch.close();
  assert.is(await untilReady(fd, PollEvents.IN), PollEvents.IN);
  close(fd);
});

test('a watched descriptor becomes non-blocking, an epoll set can be watched', async () => {
  const set = epollCreate();
  setNonblocking(set, false);
  using(new LoopWatch(set, () => {}), () => assert.ok(isNonblocking(set)));
  close(set);
});

function using(resource: Disposable, body: () => void): void {
  try {
    body();
  } finally {
    resource[Symbol.dispose]();
  }
}

test.run();
