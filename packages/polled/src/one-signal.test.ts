import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import type { Driver } from '@polyring/core';
import { InterestSlot, PollEvents, PolledFd, PolledTimer, PolledWait } from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import * as assert from 'uvu/assert';
import { PolledChild } from './child/polled-child.js';
import { onEveryBackend } from './grid.test-support.js';
import { PolledPipe } from './pipe/polled-pipe.js';
import { PolledListener } from './socket/polled-listener.js';
import { PolledSocket } from './socket/polled-socket.js';
import type { CallOptions } from './transfer/call-options.js';
import { PolledWatch } from './watch/polled-watch.js';

/** Beyond ten listeners on one signal Node.js warns of a leak. */
const MANY = 20;

/** Those of a driver, and those of the objects on it. */
const FEW = 2;

/** Makes a call again and again, with the options given, without an end of its own. */
type Caller = (options: CallOptions) => Promise<unknown>;

/** What waits on a driver, and what is to be ended behind it. */
async function callers(driver: Driver, end: (what: Disposable) => void): Promise<readonly Caller[]> {
  const dispose = <T extends Disposable>(object: T): T => {
    end(object);
    return object;
  };
  const fd = eventfd();
  end({ [Symbol.dispose]: () => close(fd) });
  const child = spawn('sleep', ['600']);
  await once(child, 'spawn');
  end({ [Symbol.dispose]: () => child.kill() });
  const timer = dispose(new PolledTimer(driver));
  const ready = dispose(new PolledFd(driver, fd));
  const wait = dispose(new PolledWait(driver, fd, 8));
  const [socket, peer] = PolledSocket.pair(driver);
  const [reader, writer] = PolledPipe.pair(driver);
  for (const each of [socket, peer, reader, writer]) end(each);
  const listener = dispose(PolledListener.listen(driver, { address: '127.0.0.1', port: 0 }));
  const watch = dispose(new PolledWatch(driver, '/proc/self'));
  const process = dispose(new PolledChild(driver, child));
  const byte = Buffer.alloc(1);
  return [
    (options) => timer.sleep(Infinity, options),
    (options) => ready.readable(options),
    (options) => wait.wait(options),
    (options) => socket.read(byte, options),
    (options) => socket.pollIo(InterestSlot.Read, PollEvents.IN, () => undefined, options),
    (options) => reader.readv([byte], options),
    (options) => listener.accept(options),
    (options) => watch.next(options),
    (options) => process.wait(options),
  ];
}

await onEveryBackend('one signal', (test) => {
  test('any number of calls wait with one signal, and it has few listeners', async ({ driver }) => {
    const ends: Disposable[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const count = (): number => getEventListeners(signal, 'abort').length;
    const all = await callers(driver, (what) => ends.unshift(what));
    const calls = [{ signal }, { signal, timeout: 600_000 }].flatMap((options) =>
      all.flatMap((caller) => Array.from({ length: MANY }, () => caller(options))),
    );
    assert.ok(count() > 0 && count() <= FEW, `${count()} listeners`);
    controller.abort();
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
      assert.is(status, 'rejected');
      assert.is(reason.name, 'AbortError');
    }
    assert.is(count(), 0);
    for (const what of ends) what[Symbol.dispose]();
  });
});
