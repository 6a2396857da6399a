import * as assert from 'uvu/assert';
import { PolledChild } from '../child/polled-child.js';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledSignal } from './polled-signal.js';

// A signalfd tells a thread of that thread's own signals only, and the example polls in another thread (signalfd(2)).
const EXCEPT = ['poll'];

await onEveryBackend(
  'PolledSignal',
  (test) => {
    test('a signal is read with its sender, and has no other effect', async ({ driver }) => {
      const signals = new PolledSignal(driver, ['SIGUSR2']);
      const arrival = signals.next();
      process.kill(process.pid, 'SIGUSR2');
      const { signal, pid } = await arrival;
      assert.is(signal, 'SIGUSR2');
      assert.is(pid, process.pid);
      signals[Symbol.dispose]();
    });

    test('a signal that was told can be waited for and sent, one without a name of its own too', async ({ driver }) => {
      using self = new PolledChild(driver, process.pid);
      using numbered = new PolledSignal(driver, [40]);
      self.kill(40);
      const { signal } = await numbered.next();
      assert.is(signal, 'SIG40');
      using named = new PolledSignal(driver, [signal]);
      self.kill(signal);
      assert.is((await named.next()).signal, signal);
    });

    test('a loop over signals sees one after the other, and leaves the object open', async ({ driver }) => {
      const signals = new PolledSignal(driver, ['SIGUSR1', 'SIGUSR2']);
      const seen: string[] = [];
      process.kill(process.pid, 'SIGUSR2');
      for await (const { signal } of signals) {
        seen.push(signal);
        if (seen.length === 2) break;
        process.kill(process.pid, 'SIGUSR1');
      }
      assert.equal(seen, ['SIGUSR2', 'SIGUSR1']);
      process.kill(process.pid, 'SIGUSR1');
      assert.is((await signals.next()).signal, 'SIGUSR1');
      signals[Symbol.dispose]();
    });

    test('disposal ends a wait, and gives the signal back to process.on', async ({ driver }) => {
      const signals = new PolledSignal(driver, ['SIGUSR2']);
      const wait = signals.next();
      signals[Symbol.dispose]();
      signals[Symbol.dispose]();
      await wait.then(
        () => assert.unreachable(),
        ({ code }) => assert.is(code, 'ERR_POLYRING_DISPOSED'),
      );
      await signals.next().then(
        () => assert.unreachable(),
        ({ code }) => assert.is(code, 'ERR_POLYRING_DISPOSED'),
      );
      const delivered = new Promise<string>((resolve) => process.once('SIGUSR2', resolve));
      process.kill(process.pid, 'SIGUSR2');
      assert.is(await delivered, 'SIGUSR2');
    });

    test('of several with one signal each goes on when another ends, and the last gives it back', async ({
      driver,
    }) => {
      const first = new PolledSignal(driver, ['SIGUSR2', 'SIGUSR2', 12]);
      const others = [new PolledSignal(driver, ['SIGWINCH']), new PolledSignal(driver, ['SIGUSR2', 'SIGWINCH'])];
      first[Symbol.dispose]();
      others[0]?.[Symbol.dispose]();
      const last = others[1] as PolledSignal;
      for (const name of ['SIGUSR2', 'SIGWINCH'] as const) {
        process.kill(process.pid, name);
        assert.is((await last.next({ timeout: 20_000 })).signal, name);
      }
      last[Symbol.dispose]();
      const delivered = new Promise<string>((resolve) => process.once('SIGUSR2', resolve));
      process.kill(process.pid, 'SIGUSR2');
      assert.is(await delivered, 'SIGUSR2');
    });

    test('a wait ends by its signal or its time, and the next one still gets what comes', async ({ driver }) => {
      const signals = new PolledSignal(driver, ['SIGUSR2']);
      const controller = new AbortController();
      const wait = signals.next({ signal: controller.signal });
      controller.abort();
      await wait.then(
        () => assert.unreachable(),
        ({ name }) => assert.is(name, 'AbortError'),
      );
      await signals.next({ timeout: 1 }).then(
        () => assert.unreachable(),
        ({ code }) => assert.is(code, 'ERR_POLYRING_TIMEOUT'),
      );
      process.kill(process.pid, 'SIGUSR2');
      assert.is((await signals.next()).signal, 'SIGUSR2');
      signals[Symbol.dispose]();
    });

    test('signals go to those who wait in the order in which they asked, whenever they come', async ({ driver }) => {
      const signals = new PolledSignal(driver, ['SIGUSR2']);
      const signal = async (afterSteps: number): Promise<void> => {
        for (let step = 0; step < afterSteps; step += 1) await undefined;
        process.kill(process.pid, 'SIGUSR2');
      };
      // Between any two steps of the first call and of the second.
      for (let steps = 0; steps < 20; steps += 1) {
        await Promise.all([signals.next(), signal(0)]);
        const seen: string[] = [];
        const first = signals.next().then(() => seen.push('first'));
        const coming = signal(steps);
        const second = signals.next().then(() => seen.push('second'));
        await Promise.race([first, second]);
        await Promise.all([first, second, coming, signal(0)]);
        assert.equal(seen, ['first', 'second'], `after ${steps} steps`);
      }
      signals[Symbol.dispose]();
    });

    test('what is no signal is refused', ({ driver }) => {
      assert.throws(
        () => new PolledSignal(driver, []),
        ({ code }: NodeJS.ErrnoException) => code === 'ERR_OUT_OF_RANGE',
      );
      assert.throws(
        () => new PolledSignal(driver, ['SIGKILL']),
        ({ code }: NodeJS.ErrnoException) => code === 'ERR_INVALID_ARG_VALUE',
      );
    });
  },
  EXCEPT,
);
