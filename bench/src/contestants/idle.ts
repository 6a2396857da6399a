import { readFileSync } from 'node:fs';
import { type Driver, InterestSlot, PollEvents } from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import { driverFor } from './shared/driver-for.js';
import { QuietDescriptor } from './shared/quiet-descriptor.js';
import { answerErrors, told } from './shared/serve.js';

// A driver with a timer that is far away and a descriptor to which nothing happens; and what drivers and
// registrations take of memory. Needs --expose-gc.

/** Averages over so many, since the heap is measured in pages. */
const DRIVERS = 8;
const DESCRIPTORS = 8000;

const { backend } = told<{ backend: 'uring' | 'epoll' | 'none' }>();
const collect = (globalThis as unknown as { gc: () => void }).gc;

/** Bytes of the JavaScript heap, and what it holds outside of it. */
function heap(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that are mapped from rings. */
function ringMappings(): number {
  let bytes = 0;
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, first, end] = line.match(/^([0-9a-f]+)-([0-9a-f]+) .*io_uring/) ?? [];
    if (first !== undefined && end !== undefined) bytes += Number.parseInt(end, 16) - Number.parseInt(first, 16);
  }
  return bytes;
}

async function memoryOfDriver(name: 'uring' | 'epoll'): Promise<number> {
  const [heapBefore, mappedBefore] = [heap(), ringMappings()];
  const drivers: Driver[] = [];
  for (let i = 0; i < DRIVERS; i += 1) drivers.push(await driverFor(name));
  const bytes = heap() - heapBefore + ringMappings() - mappedBefore;
  for (const driver of drivers) await driver.close();
  return bytes / DRIVERS;
}

function memoryOfDescriptor(driver: Driver): number {
  const fds = Array.from({ length: DESCRIPTORS }, () => eventfd());
  const waker = (): void => {};
  const objects: Disposable[] = new Array(DESCRIPTORS);
  const before = heap();
  for (const [index, fd] of fds.entries()) {
    const ready = driver.newDynFdReady(fd);
    ready.pollFdReady(waker, InterestSlot.Read, PollEvents.IN);
    objects[index] = ready;
  }
  const bytes = heap() - before;
  for (const object of objects) object[Symbol.dispose]();
  for (const fd of fds) close(fd);
  return bytes / DESCRIPTORS;
}

/** What drivers take, and what was wrong with the one that has had nothing to do since it was last asked. */
interface Idle {
  readonly figures: Readonly<Record<string, number>>;
  readonly check: () => Promise<number>;
}

async function idle(name: 'uring' | 'epoll'): Promise<Idle> {
  await (await driverFor(name)).close();
  const memory = (await memoryOfDriver(name)) / 1024;
  const driver = await driverFor(name);
  const descriptorMemory = memoryOfDescriptor(driver);
  const { PolledTimer } = await import('@polyring/core');
  let slept = 0;
  void new PolledTimer(driver).sleep(3_600_000).then(() => {
    slept += 1;
  });
  const quiet = new QuietDescriptor(driver);
  return { figures: { memory, descriptorMemory }, check: async () => slept + (await quiet.check()) };
}

const { figures, check }: Idle = backend === 'none' ? { figures: {}, check: async () => 0 } : await idle(backend);
await answerErrors({ figures }, async () => ({ errors: await check() }));
