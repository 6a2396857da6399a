import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import {
  after,
  type Driver,
  type DriverOptions,
  Errno,
  InterestSlot,
  IORING_OP_ASYNC_CANCEL,
  isPolyringError,
  nop,
  Pending,
  PollEvents,
  pollMultishot,
  read,
  timeout,
} from '@polyring/core';
import { close, eventfd, pipe2, tryRead, write } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { SQE_WORDS } from '../kernel/abi.js';
import { type EnterInterceptor, interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

const SMALL = { entries: 8, completionEntries: 16 };

function newDriver(interceptor: EnterInterceptor, options: DriverOptions = SMALL): Driver {
  return createDriverOver(interceptedBinding(interceptor), options);
}

async function nops(driver: Driver, count: number): Promise<void> {
  const results = await Promise.all(Array.from({ length: count }, () => driver.ioUringSubmit(nop())));
  assert.is(results.length, count);
  assert.ok(results.every((result) => result === 0));
}

/** Resolves when the driver says that its timer, due at once, fired: the drain works. */
function timerFires(driver: Driver): Promise<void> {
  const timer = driver.newDynTimer();
  timer.setDeadline(after(1));
  return new Promise((resolve) => {
    const poll = (): void => {
      if (timer.pollTimer(poll) !== Pending) resolve();
    };
    poll();
  });
}

test('everything that is submitted in one tick, promises included, takes one enter', async () => {
  let enters = 0;
  const driver = newDriver(
    ({ toSubmit }, enter) => {
      enters += 1;
      return enter(toSubmit);
    },
    { entries: 256, completionEntries: 512 },
  );
  await nops(driver, 100);
  assert.is(enters, 1);
  enters = 0;
  const chain = async (): Promise<void> => {
    for (let i = 0; i < 50; i += 1) await driver.ioUringSubmit(nop());
  };
  await Promise.all([chain(), chain(), chain(), chain()]);
  assert.is(enters, 50);
  await driver.close();
});

test('the promises of the first completions go on before the last are told', async () => {
  const driver = newDriver(({ toSubmit }, enter) => enter(toSubmit), { entries: 128, completionEntries: 256 });
  const order: string[] = [];
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await driver.ioUringSubmit(nop());
      order.push(`told ${index}`);
      await undefined;
      order.push(`gone on ${index}`);
    }),
  );
  assert.ok(order.indexOf('gone on 0') < order.indexOf('told 99'), order.join(', '));
  await driver.close();
});

test('more submissions than the SQ holds are submitted as they come, and the drain waits for the tick', async () => {
  const taken: number[] = [];
  const driver = newDriver(({ toSubmit }, enter) => {
    taken.push(toSubmit);
    return enter(toSubmit);
  });
  await nops(driver, 1000);
  assert.is(
    taken.reduce((sum, count) => sum + count, 0),
    1000,
  );
  assert.ok(taken.every((count) => count <= 8));
  await driver.close();
});

test('an interrupted enter is made again', async () => {
  let calls = 0;
  const driver = newDriver(({ toSubmit }, enter) => {
    calls += 1;
    return calls % 3 === 0 ? enter(toSubmit) : Errno.EINTR;
  });
  await nops(driver, 100);
  await driver.close();
});

for (const [name, errno] of [
  ['EAGAIN', Errno.EAGAIN],
  ['EBUSY', Errno.EBUSY],
] as const) {
  test(`nothing is lost when enter answers ${name} for a while`, async () => {
    let refusals = 40;
    const driver = newDriver(({ toSubmit }, enter) => {
      if (refusals > 0) {
        refusals -= 1;
        return errno;
      }
      return enter(toSubmit);
    });
    await nops(driver, 100);
    assert.is(refusals, 0);
    await timerFires(driver);
    await driver.close();
  });
}

test('what a partial submission leaves is submitted next, in order', async () => {
  const driver = newDriver(({ toSubmit }, enter) => enter(Math.min(toSubmit, 1)));
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await driver.ioUringSubmit(nop());
      order.push(index);
    }),
  );
  assert.equal(
    order,
    Array.from({ length: 100 }, (_, index) => index),
  );
  await driver.close();
});

/** A driver whose kernel does not find what its first cancels are for. */
function blindDriver(misses: number): Driver {
  let sqes = new Int32Array(0);
  let missed = 0;
  const { Ring, ...binding } = interceptedBinding(({ toSubmit }, enter) => {
    for (let at = 0; at < sqes.length && missed < misses; at += SQE_WORDS) {
      if (((sqes[at] as number) & 0xff) !== IORING_OP_ASYNC_CANCEL || sqes[at + 4] === -1) continue;
      sqes[at + 4] = -1;
      missed += 1;
    }
    return enter(toSubmit);
  });
  class Watched extends Ring {
    constructor(...sizes: ConstructorParameters<typeof Ring>) {
      super(...sizes);
      sqes = new Int32Array(this.sqes);
    }
  }
  return createDriverOver({ ...binding, Ring: Watched }, SMALL);
}

test('what a cancel did not find is cancelled again, as long as it is in flight', async () => {
  const driver = blindDriver(4);
  const [reader, writer] = pipe2();
  const reading = () => read(reader, Buffer.alloc(1));
  await rejects(driver.ioUringSubmit(reading(), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
  const controller = new AbortController();
  const aborted = rejects(driver.ioUringSubmit(reading(), { signal: controller.signal }), 'ABORT_ERR');
  controller.abort();
  await aborted;
  const chain = await driver.submitLinked([reading(), nop()], { timeout: 1 });
  assert.ok(chain.every((end) => end.status === 'rejected' && end.reason.code === 'ERR_POLYRING_TIMEOUT'));
  await driver.close();
  close(reader);
  close(writer);
});

test('so is a multishot', async () => {
  const driver = blindDriver(2);
  const [reader, writer] = pipe2();
  const ended = await new Promise((resolve) => {
    const sink = { completed: () => {}, ended: resolve };
    driver.ioUring.multishotInto(pollMultishot(reader, PollEvents.IN), sink).cancel();
  });
  assert.is(ended, undefined);
  await driver.close();
  close(reader);
  close(writer);
});

test('however often a cancel did not find it, an operation is cancelled again within seconds', async () => {
  const driver = blindDriver(20);
  const [reader, writer] = pipe2();
  const { setTimeout } = timers;
  let longest = 0;
  const hurried = (callback: () => void, pause = 0) => {
    longest = Math.max(longest, pause);
    return setTimeout(callback, 0);
  };
  timers.setTimeout = Object.assign(hurried, setTimeout);
  syncBuiltinESMExports();
  try {
    await rejects(driver.ioUringSubmit(read(reader, Buffer.alloc(1)), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
  } finally {
    timers.setTimeout = setTimeout;
    syncBuiltinESMExports();
  }
  assert.is(longest, 10_000);
  await driver.close();
  close(reader);
  close(writer);
});

test('a ring that lost completions rejects everything once, wakes its waiters, and says what to do', async () => {
  let broken = false;
  const driver = newDriver(({ toSubmit }, enter) => (broken ? Errno.EBADR : enter(toSubmit)));
  const event = eventfd();
  const wait = driver.newDynWait(event, 8);
  const woken = new Promise<unknown>((resolve) => {
    const poll = (): void => {
      try {
        wait.pollWait(poll);
      } catch (error) {
        resolve(error);
      }
    };
    poll();
  });
  const settlements: unknown[] = [];
  const pending = Array.from({ length: 20 }, () =>
    driver.ioUringSubmit(timeout(1_000_000)).catch((error: unknown) => settlements.push(error)),
  );
  await nops(driver, 1);
  broken = true;
  const last = await driver.ioUringSubmit(nop()).catch((error: unknown) => error);
  await Promise.all(pending);
  assert.is(settlements.length, 20);
  for (const error of [...settlements, last, await woken]) {
    assert.ok(isPolyringError(error) && error.code === 'ERR_POLYRING_RING_FAILED');
    assert.is((error.cause as NodeJS.ErrnoException).code, 'EBADR');
  }
  const after = await driver.ioUringSubmit(nop()).catch((error: unknown) => error);
  assert.ok(isPolyringError(after) && after.code === 'ERR_POLYRING_RING_FAILED');
  await driver.close();
  const fresh = newDriver(({ toSubmit }, enter) => enter(toSubmit));
  await nops(fresh, 10);
  await fresh.close();
  close(event);
});

test('closing with operations in flight and others that found the SQ full settles each of them once', async () => {
  let blocked = false;
  const driver = newDriver(({ toSubmit }, enter) => (blocked ? Errno.EAGAIN : enter(toSubmit)));
  const settled = new Array<number>(200).fill(0);
  const all = settled.map((_, index) => {
    if (index === 100) blocked = true;
    return driver.ioUringSubmit(timeout(1_000_000)).then(
      () => assert.unreachable(),
      (error: NodeJS.ErrnoException) => {
        assert.is(error.code, 'ERR_POLYRING_CLOSED');
        settled[index] = (settled[index] as number) + 1;
      },
    );
  });
  const closing = driver.close();
  blocked = false;
  await closing;
  await Promise.all(all);
  assert.ok(settled.every((count) => count === 1));
  assert.is(driver.close(), closing);
});

for (const [where, before] of [
  ['the SQ', 0],
  ['the backlog', 2 * SMALL.entries],
] as const) {
  test(`what is disposed of in ${where} while the kernel takes nothing leaves the next file of its number alone`, async () => {
    let blocked = true;
    const driver = newDriver(({ toSubmit }, enter) => (blocked ? Errno.EAGAIN : enter(toSubmit)));
    const others = nops(driver, before);
    const event = eventfd();
    const wait = driver.newDynWait(event, 8);
    const readiness = driver.newDynFdReady(event);
    wait.pollWait(() => {});
    readiness.pollFdReady(() => {}, InterestSlot.Read, PollEvents.IN);
    wait[Symbol.dispose]();
    readiness[Symbol.dispose]();
    close(event);
    const next = eventfd(1);
    assert.is(next, event);
    blocked = false;
    await others;
    await nops(driver, 1);
    assert.is(tryRead(next, Buffer.alloc(8)), 8);
    await driver.close();
    close(next);
  });
}

test('a driver that ends while the kernel takes nothing says so, and settles what it was given', async () => {
  const driver = newDriver(() => Errno.EAGAIN, { ...SMALL, closeTimeout: 20 });
  const pending = Array.from({ length: 20 }, () => driver.ioUringSubmit(nop()).catch((error: unknown) => error));
  const error = await driver.close().catch((thrown: unknown) => thrown);
  assert.ok(isPolyringError(error) && error.code === 'ERR_POLYRING_CLOSE_TIMEOUT');
  assert.is((error.cause as NodeJS.ErrnoException).code, 'EAGAIN');
  for (const [index, each] of (await Promise.all(pending)).entries()) {
    const { code } = each as NodeJS.ErrnoException;
    assert.is(code, index < SMALL.entries ? 'ERR_POLYRING_CLOSE_TIMEOUT' : 'ERR_POLYRING_CLOSED');
  }
});

test('what completes after the ring has failed is dropped, and not reported again and again', async () => {
  let broken = false;
  let drops = 0;
  const binding = interceptedBinding(({ toSubmit }, enter) => (broken ? Errno.EPERM : enter(toSubmit)));
  class CountingRing extends binding.Ring {
    constructor(entries: number, completionEntries: number, flags: number) {
      super(entries, completionEntries, flags);
      const { settled } = this;
      this.settled = () => {
        drops += 1;
        return settled();
      };
    }
  }
  const driver = createDriverOver({ ...binding, Ring: CountingRing });
  const [reader, writer] = pipe2();
  const code = (error: NodeJS.ErrnoException): unknown => error.code;
  const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(1))).catch(code);
  await nops(driver, 1);
  broken = true;
  assert.is(await driver.ioUringSubmit(nop()).catch(code), 'ERR_POLYRING_RING_FAILED');
  assert.is(await reading, 'ERR_POLYRING_RING_FAILED');
  broken = false;
  write(writer, Buffer.from('x'));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  for (const start = performance.now(); drops === 0 && performance.now() - start < 10_000; ) await turn();
  assert.is(drops, 1);
  for (let turns = 0; turns < 100; turns += 1) await turn();
  assert.is(drops, 1, 'the CQ is empty');
  await driver.close();
  close(reader);
  close(writer);
});

runWhereGranted(test);
