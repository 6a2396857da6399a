import { isDriver } from '../contract/check-driver.js';
import type { Driver } from '../contract/driver.js';
import { invalidReturnValue } from '../errors/argument-error.js';
import type { Availability, Unavailable } from './factory.js';

/** What a refusal holds, by type. Its cause may be anything. */
const REFUSAL: Readonly<Record<Exclude<keyof Unavailable, 'available' | 'cause'>, 'boolean' | 'string'>> = {
  exhausted: 'boolean',
  code: 'string',
  reason: 'string',
  remedy: 'string',
};

/**
 * Throws unless a backend may have answered so to `availability()`.
 *
 * @param backend the backend's name, for the error's text
 * @throws ERR_INVALID_RETURN_VALUE
 */
export function checkAvailability(answer: unknown, backend: string): asserts answer is Availability {
  const call = `"availability" of the backend "${backend}"`;
  if (typeof answer !== 'object' || answer === null || answer instanceof Promise) {
    giveUp(answer);
    throw invalidReturnValue(call, 'an object, and at once', answer);
  }
  const members = answer as Record<string, unknown>;
  if (typeof members.available !== 'boolean') {
    throw invalidReturnValue(call, 'an object with "available" of type boolean', members.available);
  }
  if (members.available) return;
  for (const [member, type] of Object.entries(REFUSAL)) {
    if (typeof members[member] === type) continue;
    throw invalidReturnValue(call, `a refusal with "${member}" of type ${type}`, members[member]);
  }
}

/**
 * Throws unless a backend may have answered so to `create()`.
 *
 * @param backend the backend's name, for the error's text
 * @throws ERR_INVALID_RETURN_VALUE
 */
export function checkCreated(answer: unknown, backend: string): asserts answer is Driver {
  const driver = answer as Partial<Driver> | null | undefined;
  const call = `"create" of the backend "${backend}"`;
  if (isDriver(driver) && typeof driver?.ioUringProbe === 'function' && typeof driver.close === 'function') {
    if (driver.closed) throw invalidReturnValue(call, 'a driver that is not closed', answer);
    return;
  }
  giveUp(answer, (late) => (late as Partial<Driver> | undefined)?.close?.());
  throw invalidReturnValue(call, 'a driver, and at once', answer);
}

/** What comes of a promise that is not taken is nobody's: it is closed, and a rejection ends no process. */
function giveUp(answer: unknown, close: (late: unknown) => unknown = () => {}): void {
  if (answer instanceof Promise) answer.then(close).catch(() => {});
}
