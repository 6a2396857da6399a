import { constants } from 'node:os';
import { invalidArgType, outOfRange } from '@polyring/core';

/** The kernel's largest signal. */
const LAST_SIGNAL = 64;

const NUMBERS: ReadonlyMap<unknown, number> = new Map(Object.entries(constants.signals));
const NAMES = new Map<number, string>();
for (const [name, number] of Object.entries(constants.signals)) if (!NAMES.has(number)) NAMES.set(number, name);

/**
 * The number of a signal, given by its name or number.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function signalNumber(signal: unknown, name = 'signal'): number {
  if (typeof signal === 'number') {
    if (Number.isInteger(signal) && signal >= 0 && signal <= LAST_SIGNAL) return signal;
    throw outOfRange(name, `an integer >= 0 && <= ${LAST_SIGNAL}`, signal);
  }
  if (typeof signal !== 'string') throw invalidArgType(name, 'of type string or number', signal);
  const number = NUMBERS.get(signal);
  if (number === undefined) throw outOfRange(name, "a signal's name, such as 'SIGTERM'", signal);
  return number;
}

/** The name of a signal, such as `SIGTERM`; `SIG34` for one that has none. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `SIG${number}`;
}
