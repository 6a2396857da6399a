import type { Driver, DriverOptions } from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import type { Subject } from '../subject.js';
import { writtenWaitables } from '../waitables/object-waitables.js';
import type { Random } from './random.js';
import { TrackedDriver } from './tracked-driver.js';
import type { UncaughtErrors } from './uncaught.js';

/** What a {@link RuleContext} is made of. */
export interface RuleContextParts {
  readonly subject: Subject;
  readonly fixtures: Fixtures;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly scale: number;
  readonly uncaught: UncaughtErrors;
}

/** Everything that a rule's check works with. */
export class RuleContext {
  /** The backend that is judged. */
  readonly subject: Subject;
  /** Descriptors, files, processes and threads that are cleaned up after the rule. */
  readonly fixtures: Fixtures;
  /** Seeded chance. */
  readonly random: Random;
  /** Aborted when the rule's time is over. */
  readonly signal: AbortSignal;
  /** The factor by which every bound in time is multiplied. */
  readonly scale: number;
  /** Says what the check waits for, for the error of a check that does not end in its time. */
  waitingFor: (() => string) | undefined;
  readonly #uncaught: UncaughtErrors;
  readonly #drivers: TrackedDriver[] = [];

  constructor(parts: RuleContextParts) {
    this.subject = parts.subject;
    this.fixtures = parts.fixtures;
    this.random = parts.random;
    this.signal = parts.signal;
    this.scale = parts.scale;
    this.#uncaught = parts.uncaught;
  }

  /**
   * Makes a driver of the backend that is judged. It is closed after the rule. Rejects with an AbortError from then on:
   * nobody would close it.
   */
  async createDriver(options?: DriverOptions): Promise<Driver> {
    this.signal.throwIfAborted();
    const driver = new TrackedDriver(this.subject.factory.create(options));
    this.#drivers.push(driver);
    return driver;
  }

  /**
   * Resolves when the driver has delivered an event of each kind of object that was raised after the call. What was
   * raised before it on any object has then been delivered too, or will never be: kinds of objects may differ in how
   * late their wakes are. A kind that the driver cannot make yet is left out.
   */
  async barrier(driver: Driver): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await using fixtures = this.fixtures.inner();
      const all = writtenWaitables(fixtures, driver);
      const delivered = Promise.all(all.map(({ poll }) => ready(poll)));
      for (const { raise } of all) raise();
      await delivered;
      await turn();
    }
  }

  /** Says that errors will reach `uncaughtException`, and collects them instead of failing the rule. */
  expectUncaught(): readonly unknown[] {
    return this.#uncaught.expect();
  }

  /** Closes every driver, and throws if one leaves a promise unsettled. For the runner. */
  async closeDrivers(): Promise<void> {
    for (const driver of this.#drivers.splice(0)) {
      await driver.close();
      await turn();
      if (driver.unsettled > 0) {
        throw new Error(`The driver closed and left ${driver.unsettled} of its promises unsettled`);
      }
    }
  }
}
