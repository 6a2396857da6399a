import { writeFileSync } from 'node:fs';
import { type Driver, PolledTimer, PolledWait } from '@polyring/core';
import { close, eventfd, write } from '@polyring/sys';
import { rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from './grid.test-support.js';
import { PolledSignal } from './signal/polled-signal.js';
import { dispose, LOOPBACK } from './socket/connection.test-support.js';
import { PolledListener } from './socket/polled-listener.js';
import { PolledSocket } from './socket/polled-socket.js';
import { PolledWatch } from './watch/polled-watch.js';

/** Loops until an object is disposed of, while the loop waits. */
async function disposedWhileWaiting(object: Disposable, values: AsyncIterable<unknown>): Promise<void> {
  const loop = (async () => {
    for await (const value of values) assert.unreachable(String(value));
  })();
  await new Promise(setImmediate);
  dispose(object);
  return loop;
}

/** Loops until an object is disposed of, in the body of the loop. */
async function disposedInside(object: Disposable, values: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of values) dispose(object);
}

/** An eventfd and a directory, and objects that may be looped over, some of them for these. */
class Loops implements Disposable {
  readonly #directory = new TemporaryDirectory();
  readonly #event = eventfd();
  readonly timer: PolledTimer;
  readonly wait: PolledWait;
  readonly watch: PolledWatch;
  readonly signals: PolledSignal;

  constructor(driver: Driver) {
    this.timer = new PolledTimer(driver);
    this.wait = new PolledWait(driver, this.#event, 8);
    this.watch = new PolledWatch(driver, this.#directory.path);
    this.signals = new PolledSignal(driver, ['SIGUSR2']);
  }

  give(): void {
    write(this.#event, BigUint64Array.of(1n));
    writeFileSync(this.#directory.at('file'), '');
  }

  [Symbol.dispose](): void {
    dispose(this.timer, this.wait, this.watch, this.signals, this.#directory);
    close(this.#event);
  }
}

await onEveryBackend('A loop', (test) => {
  test('rejects when its object is disposed of while it waits', async ({ driver }) => {
    const loops = new Loops(driver);
    const { timer, wait, watch, signals } = loops;
    for (const [object, values] of [
      [timer, timer.interval(1e6)],
      [wait, wait],
      [watch, watch],
      [signals, signals],
    ] as const) {
      await rejects(disposedWhileWaiting(object, values), 'ERR_POLYRING_DISPOSED');
    }
    dispose(loops);
  });

  test('rejects when its object is disposed of in its body', async ({ driver, backend }) => {
    const loops = new Loops(driver);
    const { timer, wait, watch, signals } = loops;
    loops.give();
    for (const [object, values] of [
      [timer, timer.interval(0.1)],
      [wait, wait],
      [watch, watch],
    ] as const) {
      await rejects(disposedInside(object, values), 'ERR_POLYRING_DISPOSED');
    }
    // A signalfd tells a thread of that thread's own signals only, and the example polls in another thread (signalfd(2)).
    if (backend !== 'poll') {
      process.kill(process.pid, 'SIGUSR2');
      await rejects(disposedInside(signals, signals), 'ERR_POLYRING_DISPOSED');
    }
    dispose(loops);
  });

  test('over connections ends with its listener, and rejects at the end of the driver', async ({ driver }) => {
    const [idle, busy, left] = [0, 1, 2].map(() => PolledListener.listen(driver, LOOPBACK)) as [
      PolledListener,
      PolledListener,
      PolledListener,
    ];
    await disposedWhileWaiting(idle, idle);
    const client = await PolledSocket.connect(driver, busy.localAddress);
    await disposedInside(busy, busy);
    const looping = (async () => {
      for await (const connection of left) assert.unreachable(String(connection));
    })();
    const ended = rejects(looping, 'ERR_POLYRING_CLOSED');
    await driver.close();
    await ended;
    dispose(client, left);
  });
});
