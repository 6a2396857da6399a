import { Countdown, type Findings, metered } from './meter.js';
import { answer } from './serve.js';

/** Round trips between two threads: sends a number, and says what came back. */
export async function trips(milliseconds: number, trip: (value: number) => Promise<number>): Promise<Findings> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let errors = 0;
  for (; !countdown.over; operations += 1) {
    const value = (operations % 1000) + 1;
    if ((await trip(value)) !== value) errors += 1;
  }
  return { operations, errors };
}

/** Round trips whose return somebody is called for. */
export class SignalTrips {
  #resolve: (value: number) => void = () => {};

  /** To be called with each value that comes back. */
  readonly arrived = (value: number): void => this.#resolve(value);

  /** Measures each time it is asked to, and ends with the standard input. */
  answer(milliseconds: number, signal: (value: number) => void): Promise<never> {
    const trip = (value: number): Promise<number> =>
      new Promise((resolve) => {
        this.#resolve = resolve;
        signal(value);
      });
    return answer(() => metered(() => trips(milliseconds, trip)));
  }
}
