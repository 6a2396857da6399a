import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Driver, openat } from '@polyring/core';
import { temporaryDirectory, throws } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

interface Context {
  driver: Driver;
  directory: string;
}

const test = suite<Context>('worker threads');

test.before.each((context) => {
  context.driver = uringBackend.create();
  context.directory = temporaryDirectory();
});

test.after.each(({ driver }) => driver.close());

/** A line of /proc/PID/status. */
function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
}

/** What the kernel says of each of its worker threads for this process. */
function workers(): string[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    try {
      const status = readFileSync(`/proc/self/task/${task}/status`, 'utf8');
      return field(status, 'Name')?.startsWith('iou-wrk') ? [status] : [];
    } catch {
      return [];
    }
  });
}

/** Opens of FIFOs, each of which holds a worker until somebody writes. */
function blockingOpens(
  driver: Driver,
  directory: string,
  count: number,
): { opens: Promise<number>[]; fifos: string[] } {
  const fifos = Array.from({ length: count }, (_, index) => join(directory, `fifo ${index}`));
  execFileSync('mkfifo', fifos);
  return { fifos, opens: fifos.map((path) => driver.ioUringSubmit(openat(path, constants.O_RDONLY, { async: true }))) };
}

async function letGo({ opens, fifos }: { opens: Promise<number>[]; fifos: string[] }): Promise<void> {
  const writers = fifos.map((path) => openSync(path, constants.O_RDWR));
  for (const fd of await Promise.all(opens)) closeSync(fd);
  for (const fd of writers) closeSync(fd);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// Before the others, as threads that run already keep their processors.
test('workers run on the processors that were given', async ({ driver, directory }) => {
  const allowed = field(readFileSync('/proc/self/status', 'utf8'), 'Cpus_allowed_list') ?? '0';
  const first = /^\d+/.exec(allowed)?.[0] ?? '0';
  driver.ioUring.workerAffinity([Number(first)]);
  const blocked = blockingOpens(driver, directory, 1);
  while (!workers().some((status) => field(status, 'Cpus_allowed_list') === first)) await turn();
  await letGo(blocked);
  driver.ioUring.workerAffinity(undefined);
});

test('limits are set one by one, and told', ({ driver }) => {
  const before = driver.ioUring.workerLimits();
  assert.ok(before.bounded > 0 && before.unbounded > 0);
  assert.equal(driver.ioUring.workerLimits({ bounded: 3 }), { ...before, bounded: 3 });
  assert.equal(driver.ioUring.workerLimits({ unbounded: 5 }), { bounded: 3, unbounded: 5 });
  assert.equal(driver.ioUring.workerLimits(before), before);
});

test('no more threads than the limit work at a time', async ({ driver, directory }) => {
  const before = driver.ioUring.workerLimits();
  driver.ioUring.workerLimits({ bounded: 2 });
  const blocked = blockingOpens(driver, directory, 6);
  while (workers().length < 2) await turn();
  for (let turns = 0; turns < 20; turns += 1) await turn();
  assert.is(workers().length, 2);
  await letGo(blocked);
  driver.ioUring.workerLimits(before);
});

test('bad limits and processors are refused', ({ driver }) => {
  throws(() => driver.ioUring.workerLimits({ bounded: 0 }), 'ERR_OUT_OF_RANGE');
  throws(() => driver.ioUring.workerLimits({ unbounded: 1.5 }), 'ERR_OUT_OF_RANGE');
  throws(() => driver.ioUring.workerAffinity(1 as never), 'ERR_INVALID_ARG_TYPE');
  for (const processors of [[], [8191], [0.5]]) {
    throws(() => driver.ioUring.workerAffinity(processors), 'ERR_OUT_OF_RANGE');
  }
});

runWhereGranted(test);
