import { invalidArgType, outOfRange } from '../errors/argument-error.js';

/** The milliseconds of a time; throws unless it is a number of at least 0. */
export function millisecondsOf(time: unknown, name: string): number {
  if (typeof time !== 'number') throw invalidArgType(name, 'of type number', time);
  if (!(time >= 0)) throw outOfRange(name, '>= 0', time);
  return time;
}
