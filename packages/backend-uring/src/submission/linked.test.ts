import { execFileSync } from 'node:child_process';
import { constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  asyncCancel,
  type Driver,
  type Entry,
  Errno,
  fsync,
  linkTimeout,
  nop,
  openat,
  PollEvents,
  type PolyringError,
  pollAdd,
  read,
  type SubmitOptions,
  splice,
  tee,
  timeout,
  write,
} from '@polyring/core';
import { close, pipe2, tryRead, write as writeNow } from '@polyring/sys';
import { rejectionOf, rejects, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { type EnterInterceptor, interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

/** Nobody's descriptor. */
const NO_FD = 1_000_000;

const passOn: EnterInterceptor = ({ toSubmit }, enter) => enter(toSubmit);

function newDriver(interceptor = passOn, options = { entries: 16, completionEntries: 32 }): Driver {
  return createDriverOver(interceptedBinding(interceptor), options);
}

/** What became of operations, each as its result or the code of its error. */
function ends(results: PromiseSettledResult<number>[]): (number | string)[] {
  return results.map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as PolyringError).code,
  );
}

function resultOf(end: PromiseSettledResult<number> | undefined): number {
  if (end?.status !== 'fulfilled') throw end?.reason;
  return end.value;
}

async function inFlight(driver: Driver): Promise<number> {
  return driver.ioUring.pool.inFlight;
}

test('an operation that is not over in time is cancelled, and consumes nothing', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(8)), { timeout: 5 });
  const error = await rejects(reading, 'ERR_POLYRING_TIMEOUT');
  assert.match(error.message, /5 ms/);
  assert.is(await inFlight(driver), 0, 'its memory is free');
  writeNow(writer, Buffer.from('late'));
  assert.is(tryRead(reader, Buffer.alloc(8)), 4);
  await driver.close();
  close(reader);
  close(writer);
});

test('an operation that is over in time keeps its result, and leaves no limit behind', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(8)), { timeout: 1_000_000 });
  writeNow(writer, Buffer.from('early'));
  assert.is(await reading, 5);
  assert.is(await driver.ioUringSubmit(nop(), { timeout: 0 }).catch(({ code }) => code), 0);
  // It would wait for a limit that is still in flight.
  await driver.close();
  close(reader);
  close(writer);
});

test('of a signal and a timeout the first one tells why', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const options = (milliseconds: number, signal: AbortSignal) => ({ timeout: milliseconds, signal });
  const controller = new AbortController();
  const aborted = rejectionOf(driver.ioUringSubmit(read(reader, Buffer.alloc(8)), options(1e6, controller.signal)));
  await rejects(
    driver.ioUringSubmit(read(reader, Buffer.alloc(8)), options(1, new AbortController().signal)),
    'ERR_POLYRING_TIMEOUT',
  );
  controller.abort();
  assert.is((await aborted).name, 'AbortError');
  await driver.close();
  close(reader);
  close(writer);
});

test('a cancel by somebody else is no timeout', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const entry = read(reader, Buffer.alloc(8));
  const reading = rejects(driver.ioUringSubmit(entry, { timeout: 1e6 }), 'ECANCELED');
  assert.is(await driver.ioUringSubmit(asyncCancel(entry)), 0);
  await reading;
  await driver.close();
  close(reader);
  close(writer);
});

test('operations are cancelled when their time is over, however full the queues are', async () => {
  const taken: number[] = [];
  let refusals = 0;
  const driver = newDriver(
    ({ toSubmit }, enter) => {
      taken.push(toSubmit);
      if (refusals > 0) {
        refusals -= 1;
        return Errno.EAGAIN;
      }
      return enter(toSubmit);
    },
    { entries: 4, completionEntries: 256 },
  );
  const [reader, writer] = pipe2();
  for (const refused of [0, 1, 4]) {
    refusals = refused;
    const limited: Promise<unknown>[] = [];
    for (let count = 0; count < 20; count += 1) {
      for (let fill = 0; fill < count % 4; fill += 1) driver.ioUringSubmit(nop());
      const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(8)), { timeout: 1 });
      limited.push(rejects(reading, 'ERR_POLYRING_TIMEOUT'));
    }
    await Promise.all(limited);
  }
  assert.ok(taken.length > 30);
  await driver.close();
  close(reader);
  close(writer);
});

test('a timeout that is none is refused', async () => {
  const driver = newDriver();
  for (const [value, code] of [
    [-1, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    const options = { timeout: value as number };
    await rejects(driver.ioUringSubmit(nop(), options), code);
    await rejects(driver.submitMany([nop()], options), code);
    await rejects(driver.submitLinked([nop()], options), code);
  }
  await driver.close();
});

test('the smallest queue takes operations with a timeout, and times that have passed or never will', async () => {
  const driver = newDriver(passOn, { entries: 1, completionEntries: 2 });
  const [reader, writer] = pipe2();
  const reads = [0, 1].map((milliseconds) => {
    return rejectionOf(driver.ioUringSubmit(read(reader, Buffer.alloc(1)), { timeout: milliseconds }));
  });
  for (const { code } of await Promise.all(reads)) assert.is(code, 'ERR_POLYRING_TIMEOUT');
  assert.equal(ends(await driver.submitLinked([read(reader, Buffer.alloc(1))], { timeout: 0 })), [
    'ERR_POLYRING_TIMEOUT',
  ]);
  for (const never of [Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
    assert.is(await driver.ioUringSubmit(nop(), { timeout: never }), 0);
  }
  await driver.close();
  close(reader);
  close(writer);
});

test('what a worker of the kernel waits for is cancelled when its time is over', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2({ nonblock: false });
  const [otherReader, otherWriter] = pipe2({ nonblock: false });
  const moves = () => [splice(reader, otherWriter, 8), tee(reader, otherWriter, 8)];
  for (const move of moves()) await rejects(driver.ioUringSubmit(move, { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
  const both = await driver.submitMany(moves(), { timeout: 1 });
  assert.equal(ends(both), ['ERR_POLYRING_TIMEOUT', 'ERR_POLYRING_TIMEOUT']);
  const path = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [path]);
  const opening = driver.ioUringSubmit(openat(path, constants.O_RDONLY, { async: true }), { timeout: 1 });
  await rejects(opening, 'ERR_POLYRING_TIMEOUT');
  await driver.close();
  for (const fd of [reader, writer, otherReader, otherWriter]) close(fd);
});

test('many operations settle together, each in its place, and the bad ones keep none back', async () => {
  const enters: number[] = [];
  const driver = newDriver(({ toSubmit }, enter) => {
    enters.push(toSubmit);
    return enter(toSubmit);
  });
  const [reader, writer] = pipe2();
  const twice = nop();
  const results = await driver.submitMany([
    twice,
    twice,
    {} as never,
    write(writer, Buffer.from('abc')),
    read(NO_FD, Buffer.alloc(1)),
    read(reader, Buffer.alloc(8)),
  ]);
  assert.equal(ends(results), [0, 'ERR_POLYRING_ENTRY_IN_FLIGHT', 'ERR_INVALID_ARG_TYPE', 3, 'EBADF', 3]);
  assert.equal(enters, [4]);
  assert.equal(await driver.submitMany([]), []);
  await rejects(driver.submitMany(nop() as never), 'ERR_INVALID_ARG_TYPE');
  const limited = await driver.submitMany([nop(), read(reader, Buffer.alloc(8))], { timeout: 1 });
  assert.equal(ends(limited).at(-1), 'ERR_POLYRING_TIMEOUT');
  await driver.close();
  await rejects(driver.submitMany([nop()]), 'ERR_POLYRING_CLOSED');
  close(reader);
  close(writer);
});

test('what options do when they are read does not get past the checks', async () => {
  const submits: readonly ((driver: Driver, entry: Entry, options: SubmitOptions) => Promise<number>)[] = [
    (driver, entry, options) => driver.ioUringSubmit(entry, options),
    async (driver, entry, options) => resultOf((await driver.submitMany([entry], options))[0]),
    async (driver, entry, options) => resultOf((await driver.submitLinked([entry], options))[0]),
  ];
  for (const submit of submits) {
    const driver = newDriver();
    const entry = nop();
    let first: Promise<number> | undefined;
    const submitting = {
      get signal() {
        first ??= driver.ioUringSubmit(entry);
        return undefined;
      },
    };
    const closing = {
      get signal() {
        driver.close();
        return undefined;
      },
    };
    await rejects(submit(driver, entry, submitting), 'ERR_POLYRING_ENTRY_IN_FLIGHT');
    assert.is(await first, 0);
    await rejects(submit(driver, entry, closing), 'ERR_POLYRING_CLOSED');
    assert.is(entry.owner, undefined);
    await driver.close();
  }
});

test('a list that changes while it is read is submitted as it was given', async () => {
  const driver = newDriver();
  for (const submit of [driver.submitMany.bind(driver), driver.submitLinked.bind(driver)]) {
    const entries = [nop(), nop(), nop()];
    const options = {
      get signal() {
        entries.pop();
        return undefined;
      },
    };
    assert.equal(ends(await submit(entries, options)), [0, 0, 0]);
  }
  await driver.close();
});

test('linked operations run one after the other, and the rest is cancelled after a failure', async () => {
  const driver = newDriver();
  const path = join(temporaryDirectory(), 'file');
  const fd = openSync(path, 'w+');
  const memory = driver.allocate(16);
  const linked = await driver.submitLinked([
    write(fd, Buffer.from('first'), 0),
    fsync(fd),
    write(fd, Buffer.from('F'), 0),
    read(fd, memory.bytes.subarray(0, 5), 0),
  ]);
  assert.equal(ends(linked), [5, 0, 1, 5]);
  assert.is(memory.bytes.toString('latin1', 0, 5), 'First');
  assert.equal(
    ends(await driver.submitLinked([nop(), read(NO_FD, Buffer.alloc(1)), nop(), write(fd, Buffer.from('no'), 0)])),
    [0, 'EBADF', 'ECANCELED', 'ECANCELED'],
  );
  assert.is(readFileSync(path, 'utf8'), 'First');
  const hard = [nop(), read(NO_FD, Buffer.alloc(1)), write(fd, Buffer.from('yes'), 0)];
  assert.equal(ends(await driver.submitLinked(hard, { hard: true })), [0, 'EBADF', 3]);
  assert.is(readFileSync(path, 'utf8'), 'yesst');
  memory.release();
  await driver.close();
  close(fd);
});

test('a chain of which one entry is refused does nothing', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const memory = driver.allocate(8);
  memory.release();
  const busy = read(reader, Buffer.alloc(8));
  const reading = driver.ioUringSubmit(busy, { timeout: 50 }).catch(({ code }) => code);
  const twice = nop();
  const bad = { nothing: {} as never, released: read(reader, memory.bytes), busy, twice };
  for (const [what, code] of [
    ['nothing', 'ERR_INVALID_ARG_TYPE'],
    ['released', 'ERR_POLYRING_RELEASED'],
    ['busy', 'ERR_POLYRING_ENTRY_IN_FLIGHT'],
    ['twice', 'ERR_POLYRING_ENTRY_IN_FLIGHT'],
  ] as const) {
    const chain = [write(writer, Buffer.from('no')), twice, bad[what]];
    assert.is((await rejectionOf(driver.submitLinked(chain))).code, code, what);
  }
  await rejects(driver.submitLinked([nop()], { hard: 'no' as never }), 'ERR_INVALID_ARG_TYPE');
  await rejects(driver.submitLinked([]), 'ERR_OUT_OF_RANGE');
  const long = await rejects(driver.submitLinked(Array.from({ length: 17 }, nop)), 'ERR_OUT_OF_RANGE');
  assert.match(long.message, /"entries"/);
  assert.is(await reading, 'ERR_POLYRING_TIMEOUT', 'nothing was written');
  assert.equal(ends(await driver.submitLinked([twice, nop()])), [0, 0], 'the entries are free again');
  assert.is(await inFlight(driver), 0);
  await driver.close();
  close(reader);
  close(writer);
});

test('an abort or the end of the time ends what is left of a chain, of a hard one too', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  for (const hard of [false, true]) {
    const chain = () => [nop(), read(reader, Buffer.alloc(1)), pollAdd(reader, PollEvents.IN), timeout(1e6)];
    const controller = new AbortController();
    const aborting = driver.submitLinked(chain(), { hard, signal: controller.signal });
    await driver.ioUringSubmit(nop());
    controller.abort();
    const aborted = ends(await aborting);
    assert.equal(aborted, [0, 'ABORT_ERR', 'ABORT_ERR', 'ABORT_ERR'], `hard: ${hard}`);
    const late = ends(await driver.submitLinked(chain(), { hard, timeout: 5 }));
    assert.equal(late, [0, ...Array(3).fill('ERR_POLYRING_TIMEOUT')], `hard: ${hard}`);
    assert.equal(ends(await driver.submitLinked([nop(), nop()], { hard, timeout: 1e6 })), [0, 0]);
  }
  const one = await driver.submitLinked([read(reader, Buffer.alloc(1)), linkTimeout(1), nop()]);
  assert.equal(ends(one), ['ECANCELED', 'ETIME', 'ECANCELED']);
  await driver.close();
  close(reader);
  close(writer);
});

test('what a kernel worker waits for is cancelled as anything else is', async () => {
  for (const closes of [false, true]) {
    const driver = newDriver();
    const [[reader, writer], [told, tell]] = [pipe2({ nonblock: false }), pipe2()];
    const reading = read(reader, Buffer.alloc(8));
    // The worker that does the first goes on with the second.
    const chain = driver.submitLinked([write(tell, Buffer.from('x'), -1, { async: true }), reading]);
    await driver.ioUringSubmit(pollAdd(told, PollEvents.IN));
    const cancel = (): Promise<unknown> => (closes ? driver.close() : driver.ioUringSubmit(asyncCancel(reading)));
    let code: unknown = 'ENOENT';
    while (code === 'ENOENT') code = await cancel().catch((error: PolyringError) => error.code);
    assert.equal(ends(await chain), [1, 'ECANCELED']);
    await driver.close();
    for (const fd of [reader, writer, told, tell]) close(fd);
  }
});

test('to abort a chain costs one cancel, and a hard one no more than it has entries', async () => {
  let taken = 0;
  const driver = newDriver(
    ({ toSubmit }, enter) => {
      const count = enter(toSubmit);
      taken += Math.max(count, 0);
      return count;
    },
    { entries: 256, completionEntries: 512 },
  );
  const count = 250;
  const chain = () => Array.from({ length: count }, () => timeout(1e6));
  const cancelsOf = async (hard: boolean, options: { timeout?: number; signal?: AbortSignal }, abort?: () => void) => {
    const ending = driver.submitLinked(chain(), { hard, ...options });
    await driver.ioUringSubmit(nop());
    abort?.();
    taken = 0;
    assert.equal(new Set(ends(await ending)).size, 1);
    return taken;
  };
  for (const [hard, most] of [
    [false, 1],
    [true, count],
  ] as const) {
    const controller = new AbortController();
    const aborting = await cancelsOf(hard, { signal: controller.signal }, () => controller.abort());
    assert.ok(aborting <= most, `${aborting} cancels of a chain that is aborted, hard: ${hard}`);
    const late = await cancelsOf(hard, { timeout: 5 });
    assert.ok(late <= most, `${late} cancels of a chain whose time is over, hard: ${hard}`);
  }
  await driver.close();
});

test('an abort of a chain reaches the one that runs, and nobody who came after those that are over', async () => {
  const driver = newDriver();
  const [reader, writer] = pipe2();
  for (const hard of [false, true]) {
    const controller = new AbortController();
    const { signal } = controller;
    const chain = driver.submitLinked([nop(), read(reader, Buffer.alloc(1)), nop()], { hard, signal });
    await driver.ioUringSubmit(nop());
    // What the first of the chain left behind serves these.
    const others = [1, 2].map(() => driver.ioUringSubmit(pollAdd(reader, PollEvents.IN)));
    await driver.ioUringSubmit(nop());
    controller.abort();
    assert.equal(ends(await chain), hard ? [0, 'ABORT_ERR', 0] : [0, 'ABORT_ERR', 'ABORT_ERR']);
    await driver.ioUringSubmit(nop());
    writeNow(writer, Buffer.from('x'));
    assert.equal(await Promise.all(others), [PollEvents.IN, PollEvents.IN]);
    tryRead(reader, Buffer.alloc(1));
  }
  await driver.close();
  close(reader);
  close(writer);
});

test('chains stay whole behind a full queue, and end with their driver', async () => {
  let refuse = true;
  const driver = newDriver(({ toSubmit }, enter) => (refuse ? Errno.EAGAIN : enter(toSubmit)), {
    entries: 8,
    completionEntries: 512,
  });
  const [reader, writer] = pipe2();
  const chains = Array.from({ length: 50 }, (_, count) => {
    const failing = read(NO_FD, Buffer.alloc(1));
    return driver.submitLinked([failing, ...Array.from({ length: count % 8 }, nop)]);
  });
  refuse = false;
  for (const [count, results] of (await Promise.all(chains)).entries()) {
    assert.equal(ends(results), ['EBADF', ...Array(count % 8).fill('ECANCELED')]);
  }
  const left = driver.submitLinked([read(reader, Buffer.alloc(1)), nop()], { timeout: 1e6 });
  await driver.ioUringSubmit(nop());
  await driver.close();
  assert.equal(ends(await left), ['ECANCELED', 'ECANCELED']);
  close(reader);
  close(writer);
});

test('one signal may cancel a thousand operations without a warning of Node.js', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): number => warnings.push(warning);
  process.on('warning', warn);
  const driver = newDriver();
  const [reader, writer] = pipe2();
  const controller = new AbortController();
  const entries = Array.from({ length: 1000 }, () => read(reader, Buffer.alloc(1)));
  const reading = driver.submitMany(entries, { signal: controller.signal });
  await driver.ioUringSubmit(nop(), { signal: controller.signal });
  controller.abort('enough');
  assert.ok(ends(await reading).every((code) => code === 'ABORT_ERR'));
  await new Promise(setImmediate);
  process.off('warning', warn);
  assert.equal(warnings, []);
  await driver.close();
  close(reader);
  close(writer);
});

runWhereGranted(test);
