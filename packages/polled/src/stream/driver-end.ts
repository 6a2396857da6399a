import type { Driver, Instant, PollTimer } from '@polyring/core';

const NEVER = Infinity as Instant;

const ends = new WeakMap<Driver, DriverEnd>();

/**
 * Has a function called with the error of a driver that ends, now or later.
 *
 * @returns takes it back
 */
export function onDriverEnd(driver: Driver, ended: (error: unknown) => void): () => void {
  const end = ends.get(driver) ?? new DriverEnd(driver);
  ends.set(driver, end);
  return end.add(ended);
}

/** The end of a driver, which wakes even who waits for what never comes. */
class DriverEnd {
  readonly #driver: Driver;
  readonly #listeners = new Set<(error: unknown) => void>();
  #timer: PollTimer | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  add(ended: (error: unknown) => void): () => void {
    this.#listeners.add(ended);
    this.#poll();
    return () => this.#listeners.delete(ended);
  }

  readonly #poll = (): void => {
    try {
      this.#timer ??= this.#driver.newDynTimer().unref();
      this.#timer.pollTimer(this.#poll, NEVER);
    } catch (error) {
      for (const ended of this.#listeners) ended(error);
      this.#listeners.clear();
    }
  };
}
