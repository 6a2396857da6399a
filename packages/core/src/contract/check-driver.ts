import { invalidArgType } from '../errors/argument-error.js';

/** Whether `value` is a driver, whoever made it. */
export function isDriver(value: unknown): boolean {
  return typeof (value as { newDynTimer?: unknown } | null | undefined)?.newDynTimer === 'function';
}

/** Throws unless `value` is a driver, whoever made it. */
export function checkDriver(value: unknown): void {
  if (!isDriver(value))
    throw invalidArgType('driver', 'a driver, as in const { driver } = await createDriver()', value);
}
