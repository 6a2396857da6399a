import { restoreSignals, type SignalName, signalNumber } from '@polyring/sys';

/** How many hold each signal, by its number. It is the main thread's alone, as signals are. */
const holders = new Map<number, number>();

/**
 * Signals that were taken over, each of which gets the effect back that it had before when the last who holds it lets go.
 */
export class HeldSignals {
  readonly #numbers: ReadonlySet<number>;

  /** @param signals as `signalfd` took them */
  constructor(signals: readonly (SignalName | number)[]) {
    this.#numbers = new Set(signals.map((signal) => signalNumber(signal)));
    for (const number of this.#numbers) holders.set(number, (holders.get(number) ?? 0) + 1);
  }

  /** To be called once. */
  release(): void {
    const free: number[] = [];
    for (const number of this.#numbers) {
      const left = (holders.get(number) ?? 0) - 1;
      holders.set(number, left);
      if (left === 0) free.push(number);
    }
    if (free.length > 0) restoreSignals(free);
  }
}
