import { once } from 'node:events';
import { PolledTimer, type PollOptions } from '@polyring/core';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { limited } from './limited.js';

/** A call that is over some time after its signal aborted, as an operation of a ring is. */
class SlowToEnd {
  signal: AbortSignal | undefined;
  #reject: (error: unknown) => void = () => {};

  readonly body = (options: PollOptions | undefined): Promise<never> => {
    this.signal = options?.signal;
    return new Promise((_, reject) => {
      this.#reject = reject;
    });
  };

  end(): void {
    this.#reject(Object.assign(new Error('aborted', { cause: this.signal?.reason }), { name: 'AbortError' }));
  }
}

await onEveryBackend('limited', (test) => {
  test('a signal that aborts before the time has passed decides, though the call is over later', async ({ driver }) => {
    const controller = new AbortController();
    const call = new SlowToEnd();
    const promise = limited(driver, { signal: controller.signal, timeout: 1 }, call.body);
    controller.abort('mine');
    // Timers with an earlier deadline have been told of by the loop's next phase.
    await PolledTimer.sleep(driver, 2);
    await new Promise(setImmediate);
    call.end();
    assert.is((await rejects(promise, 'AbortError')).cause, 'mine');
  });

  test('a time that has passed before the signal aborts decides', async ({ driver }) => {
    const controller = new AbortController();
    const call = new SlowToEnd();
    const promise = limited(driver, { signal: controller.signal, timeout: 1 }, call.body);
    const keepAlive = setInterval(() => {}, 1000);
    await once(call.signal as AbortSignal, 'abort');
    clearInterval(keepAlive);
    controller.abort('mine');
    call.end();
    await rejects(promise, 'ERR_POLYRING_TIMEOUT');
  });
});
