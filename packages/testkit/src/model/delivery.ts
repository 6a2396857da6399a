import type { Driver } from '@polyring/core';
import { turn } from '../polling/turn.js';
import { untilOver } from '../running/time-limit.js';
import { Disagreement } from './disagreement.js';

/** Loop turns that a driver has after its time is over: a thread that did not run cannot have delivered. */
const LAST_TURNS = 20;

/** What {@link Delivery} needs of a rule's context. */
export interface DeliveryContext {
  barrier(driver: Driver): Promise<void>;
}

/** Waits for what a driver owes, and tells what is lost from what is late. */
export class Delivery {
  readonly #context: DeliveryContext;
  readonly #driver: Driver;
  /** Milliseconds after which what has not come is taken for lost, if nothing contradicts it. */
  readonly patience: number;

  constructor(context: DeliveryContext, driver: Driver, patience: number) {
    this.#context = context;
    this.#driver = driver;
    this.patience = patience;
  }

  /** Resolves when everything has been delivered that was raised before the call. */
  async all(): Promise<void> {
    const first = this.#barrier();
    if (await this.inTime(first)) return;
    for (let round = 0; round < 2; round += 1) {
      if (!(await this.inTime(this.#barrier())))
        throw new Disagreement("the kit's own events, on objects of its own, are not delivered");
    }
    // What was raised before it has been delivered by now.
    if (await this.inTime(first, 0)) return;
    throw new Disagreement(
      'an event of the kit itself, on an object of its own, was not delivered, and a later one was',
    );
  }

  /** Whether a promise settles before patience ends. Rejects as it does. */
  async inTime(promise: Promise<unknown>, milliseconds = this.patience): Promise<boolean> {
    let settled = false;
    const settling = promise.finally(() => {
      settled = true;
    });
    await untilOver(settling, milliseconds);
    for (let turns = 0; turns < LAST_TURNS && !settled; turns += 1) await turn();
    return settled;
  }

  #barrier(): Promise<void> {
    const barrier = this.#context.barrier(this.#driver);
    // One that was lost rejects when the driver is closed.
    barrier.catch(() => {});
    return barrier;
  }
}
