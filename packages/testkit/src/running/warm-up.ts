import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { after, type Driver, InterestSlot, nop, PollEvents } from '@polyring/core';
import { Child } from '../fixtures/child.js';
import { Fixtures } from '../fixtures/fixtures.js';
import { turn } from '../polling/turn.js';
import type { Subject } from '../subject.js';
import { UncaughtErrors } from './uncaught.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;

const warmed = new Map<Subject['factory'], Promise<void>>();

/** Lets Node and the backend open what they keep open for good once it is used, so that the leak check's baseline holds it. */
export function warmUp(subject: Subject): Promise<void> {
  let warming = warmed.get(subject.factory);
  if (warming === undefined) {
    warming = warm(subject);
    warmed.set(subject.factory, warming);
  }
  return warming;
}

async function warm(subject: Subject): Promise<void> {
  void process.stdout.fd;
  void process.stderr.fd;
  await stat('.');
  const worker = new Worker('', { eval: true });
  await new Promise((resolve) => worker.once('exit', resolve));
  await new Child('sh', ['-c', ':']).end();
  await using fixtures = new Fixtures(subject.url);
  const driver = subject.factory.create();
  await useOnce(driver, fixtures);
  await driver.close();
}

/** Uses each part of a driver once. What is wrong with a part, or not written yet, is for its rules to say. */
async function useOnce(driver: Driver, fixtures: Fixtures): Promise<void> {
  using uncaught = new UncaughtErrors();
  uncaught.expect();
  const event = fixtures.eventfd({ initial: 1 });
  const [end] = fixtures.socketPair();
  const wake = (): void => {};
  await Promise.allSettled([
    polled(
      () => driver.newDynTimer(),
      (timer) => timer.pollTimer(wake, after(1)),
    ),
    polled(
      () => driver.newDynFdReady(event.fd),
      (readiness) => readiness.pollFdReady(wake, Read, IN),
    ),
    polled(
      () => driver.newDynSocketReady(end.fd),
      (readiness) => readiness.pollSocketReady(wake, Read, IN),
    ),
    polled(
      () => driver.newDynWait(event.fd, 8),
      (wait) => wait.pollWait(wake),
    ),
    submit(driver),
  ]);
}

/** Leaves an object that was polled the turn of the loop that its wake takes. A wake that is lost holds nothing up. */
async function polled<T extends Disposable>(make: () => T, poll: (object: T) => unknown): Promise<void> {
  using object = make();
  poll(object);
  await turn();
}

async function submit(driver: Driver): Promise<void> {
  driver.ioUringSubmit(nop()).catch(() => {});
}
