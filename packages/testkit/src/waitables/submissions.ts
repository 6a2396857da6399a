import { type Driver, type Entry, nop, type SubmitOptions } from '@polyring/core';

/** Submits an entry in one of the ways that there are, and returns the driver's promise. */
export type Submit = (driver: Driver, entry: Entry, options?: SubmitOptions) => Promise<unknown>;

/** The ways to submit an entry: by itself, and behind another one. */
export const submissions: Readonly<Record<string, Submit>> = {
  submission: (driver, entry, options) => driver.ioUringSubmit(entry, options),
  'several submissions': (driver, entry, options) => driver.submitMany([nop(), entry], options),
  'linked submissions': (driver, entry, options) => driver.submitLinked([nop(), entry], options),
};
