import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { rate } from '../../measures.js';
import { type Side, verify } from '../../step.js';
import type { SignalPlan } from './plan.js';

/** Signals on each side. */
export const SIGNALS = 2_000;

/** How signals of a worker arrive. */
export interface SignalReceiver {
  /** What receives, such as `MessagePort`. */
  readonly by: string;
  /** The eventfd that the worker is to write to; undefined to let it post. */
  readonly eventfd: number | undefined;
  /** Takes the next signal. Called before the worker may give it. */
  next(worker: Worker): Promise<number>;
}

/**
 * Has a worker signal, one signal after the other: each is let go when the one before it arrived.
 *
 * @param progress is told the signals that arrived so far
 * @throws VerificationError for another number than the signal's
 */
export async function countRounds(receiver: SignalReceiver, progress: (signals: number) => void): Promise<Side> {
  const { by, eventfd } = receiver;
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const plan: SignalPlan = { eventfd, signals: SIGNALS, turn };
  const worker = new Worker(new URL('./signal-worker.js', import.meta.url), { workerData: plan });
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The worker ended before it gave every signal.')));
  });
  failed.catch(() => {});
  try {
    await Promise.race([once(worker, 'online'), failed]);
    const started = performance.now();
    for (let number = 1; number <= SIGNALS; number += 1) {
      const arrived = receiver.next(worker);
      Atomics.store(turn, 0, number);
      Atomics.notify(turn, 0);
      const value = await Promise.race([arrived, failed]);
      verify(value === number, `By ${by}, signal ${number} arrived as ${value}.`);
      if (number % 100 === 0) progress(number);
    }
    return { by, measures: rate(SIGNALS, (performance.now() - started) / 1e3) };
  } finally {
    await worker.terminate();
  }
}
