import { LoopWatch } from '@polyring/sys';
import type { BareRing } from './bare-ring.js';

/** Completions that are told together, as a driver does. */
const TOGETHER = 32;

const settled = Promise.resolve();

/**
 * What a driver on io_uring cannot do without: lanes that each await the promise of an operation, one enter a tick for all of them,
 * and what completed in it told of in groups. No entry, no slot, no check, no custody of memory.
 */
export class BareLanes {
  readonly #ring: BareRing;
  /** By lane, who waits for its operation. */
  readonly #waiting: ((result: number) => void)[] = [];
  #isBooked = false;

  constructor(ring: BareRing) {
    this.#ring = ring;
    // For what does not complete inside enter.
    new LoopWatch(ring.native.fd, this.#tell);
  }

  /** The result of the operation that a lane has queued, with its number as `userData`. */
  end(lane: number): Promise<number> {
    if (!this.#isBooked) process.nextTick(this.#submit);
    this.#isBooked = true;
    return new Promise((resolve) => {
      this.#waiting[lane] = resolve;
    });
  }

  readonly #submit = (): void => {
    this.#isBooked = false;
    if (!this.#ring.submit()) throw new Error('The kernel did not take everything');
    this.#tell();
  };

  readonly #tell = (): void => {
    const count = this.#ring.reap(TOGETHER, this.#told);
    if (count === TOGETHER) void settled.then(this.#tell);
  };

  readonly #told = (lane: number, result: number): void => this.#waiting[lane]?.(result);
}
