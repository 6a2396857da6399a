import { type Driver, InterestSlot, Pending, PollEvents, type PollFdReady } from '@polyring/core';
import { eventfd, tryRead, tryWrite } from '@polyring/sys';

/** A descriptor to which nothing happens but when it is checked, and for which somebody waits all the time. */
export class QuietDescriptor {
  readonly fd = eventfd();
  readonly #ready: PollFdReady;
  /** How often it was told of when nothing had happened. */
  #disturbed = 0;
  readonly #disturb = (): void => {
    this.#disturbed += 1;
  };
  #told = this.#disturb;
  readonly #waker = (): void => this.#told();

  constructor(driver: Driver) {
    this.#ready = driver.newDynFdReady(this.fd);
    this.#poll();
  }

  /** Has something happen, and waits until that is told of. How much was wrong since the last time. */
  async check(): Promise<number> {
    if (this.#disturbed > 0) return this.#disturbed;
    const told = new Promise<void>((resolve) => {
      this.#told = resolve;
    });
    tryWrite(this.fd, BigUint64Array.of(1n));
    await told;
    this.#told = this.#disturb;
    const found = new BigUint64Array(1);
    const wasThere = this.#poll() !== Pending && tryRead(this.fd, found) === 8 && found[0] === 1n;
    this.#ready.clearFdReady(InterestSlot.Read);
    const isQuiet = this.#poll() === Pending;
    return Number(!wasThere) + Number(!isQuiet);
  }

  #poll(): unknown {
    return this.#ready.pollFdReady(this.#waker, InterestSlot.Read, PollEvents.IN);
  }
}
