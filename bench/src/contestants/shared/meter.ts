import type { Sample } from '../../sample.js';

/** What is known when a measurement ends. */
export type Findings = Pick<Sample, 'operations' | 'errors' | 'quantiles' | 'figures'>;

/** Takes the time, and the processor time of this process, of something. */
export async function metered(run: () => Promise<Findings> | Findings): Promise<Sample> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const findings = await run();
  const seconds = (performance.now() - started) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  return { ...findings, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** How often a loop looks at the clock. A power of two. */
const CLOCK_EVERY = 32;

/** Says when the time for a measurement is over, without looking at the clock each time. */
export class Countdown {
  readonly #end: number;
  #asked = 0;
  #over = false;

  constructor(milliseconds: number) {
    this.#end = performance.now() + milliseconds;
  }

  get over(): boolean {
    this.#asked += 1;
    if (!this.#over && (this.#asked & (CLOCK_EVERY - 1)) === 0) this.#over = performance.now() >= this.#end;
    return this.#over;
  }
}

/** Does one operation after the other for as long as `more()` says so, which counts them. */
export type Lane = (index: number, more: () => boolean) => Promise<void>;

/**
 * Keeps `depth` operations in flight until the time is over. The operations that were done.
 *
 * A lane is a loop of its own, so that no promise is made or awaited but those of what is measured.
 */
export async function inFlight(depth: number, milliseconds: number, lane: Lane): Promise<number> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  const more = (): boolean => {
    if (countdown.over) return false;
    operations += 1;
    return true;
  };
  await Promise.all(Array.from({ length: depth }, (_, index) => lane(index, more)));
  return operations;
}
