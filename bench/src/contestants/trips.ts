import { Countdown, type Findings } from './meter.js';

/** Round trips between two threads: sends a number, and says what came back. */
export async function trips(milliseconds: number, trip: (value: number) => Promise<number>): Promise<Findings> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let errors = 0;
  for (; !countdown.over; operations += 1) {
    const value = (operations % 1000) + 1;
    if ((await trip(value)) !== value) errors += 1;
  }
  return { operations, errors, verified: operations };
}
