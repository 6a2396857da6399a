import { setTimeout } from 'node:timers';
import { asyncCancel, type Driver, type Entry } from '@polyring/core';
import type { RingWork, RingWorkHost } from './completing.js';

/** Milliseconds after which an operation that was not cancelled is cancelled again. */
const CANCEL_AGAIN_AFTER = 1;

/** A call that a ring does by an entry of its own, until its operation is over. */
export class Submitted implements RingWork {
  readonly #driver: Driver;
  readonly #entry: Entry;
  #cancelled = false;
  #over = false;

  constructor(driver: Driver, entry: Entry, host: RingWorkHost) {
    this.#driver = driver;
    this.#entry = entry;
    const settled = (outcome: number | Error): void => {
      this.#over = true;
      host.completed(outcome);
    };
    driver.ioUringSubmit(entry).then(settled, (error) => settled(error.errno ?? error));
  }

  /** Nothing depends on its being there early. */
  flush(): undefined {}

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#cancel();
  }

  /** An operation that was just going on when it was to be cancelled goes on, and says so. */
  readonly #cancel = (): void => {
    if (this.#over) return;
    this.#driver.ioUringSubmit(asyncCancel(this.#entry)).catch(() => setTimeout(this.#cancel, CANCEL_AGAIN_AFTER));
  };
}
