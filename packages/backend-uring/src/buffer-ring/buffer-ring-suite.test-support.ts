import type { Completion, Driver, Multishot } from '@polyring/core';
import { close, socketpair } from '@polyring/sys';
import { suite, type Test } from 'uvu';
import { uringBackend } from '../factory.js';

/** What a test of selected buffers works with. */
export interface BufferRingContext {
  driver: Driver;
  /** The driver reads from it. */
  near: number;
  /** The test writes to it. */
  far: number;
}

/** Makes a suite in which each test has a driver and a socket pair of its own. */
export function bufferRingSuite(name: string): Test<BufferRingContext> {
  const test = suite<BufferRingContext>(name);
  test.before.each((context) => {
    context.driver = uringBackend.create();
    [context.near, context.far] = socketpair({ nonblock: false });
  });
  test.after.each(async ({ driver, near, far }) => {
    await driver.close();
    close(near);
    close(far);
  });
  return test;
}

/** The next completion of an iteration that has one. */
export async function take(multishot: Multishot): Promise<Completion> {
  const { value } = await multishot.next();
  if (value === undefined) throw new Error('The iteration is over');
  return value;
}
