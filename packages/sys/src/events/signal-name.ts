import { constants } from 'node:os';
import { invalidArgType, invalidArgValue, outOfRange } from '@polyring/core';

/** The kernel's largest signal. */
const LAST_SIGNAL = 64;

/** The name of a signal, such as `SIGTERM`; one that has none is `SIG40` and the like, by its number. */
export type SignalName = NodeJS.Signals | `SIG${number}`;

const NAMED = Object.entries(constants.signals) as [NodeJS.Signals, number][];
const NUMBERS = new Map<unknown, number>(NAMED);
const NAMES = new Map<number, SignalName>();
for (let number = 1; number <= LAST_SIGNAL; number += 1) NUMBERS.set(`SIG${number}`, number);
for (const [name, number] of NAMED) if (!NAMES.has(number)) NAMES.set(number, name);

/**
 * The number of a signal, given by its name or number.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function signalNumber(signal: unknown, name = 'signal'): number {
  if (typeof signal === 'number') {
    if (Number.isInteger(signal) && signal >= 0 && signal <= LAST_SIGNAL) return signal;
    throw outOfRange(name, `an integer >= 0 && <= ${LAST_SIGNAL}`, signal);
  }
  if (typeof signal !== 'string') throw invalidArgType(name, 'of type string or number', signal);
  const number = NUMBERS.get(signal);
  if (number === undefined) throw invalidArgValue(name, "a signal's name, such as 'SIGTERM'", signal);
  return number;
}

/** The name of a signal, as {@link signalNumber} takes it. */
export function signalName(number: number): SignalName {
  return NAMES.get(number) ?? `SIG${number}`;
}
