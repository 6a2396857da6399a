import { readFileSync } from 'node:fs';

/** The fields of `Report` in native/report.h, in order. */
const COUNTERS = ['rings', 'submitted', 'completed', 'peak', 'marked', 'missed'];
const CONVICTIONS = [
  'freedInFlight',
  'unmappedInFlight',
  'poisonedAtCompletion',
  'unmappedAtCompletion',
  'fault',
  'closedInFlight',
  'shared',
];

/**
 * What the witness saw in one process.
 *
 * @typedef {object} WitnessReport
 * @property {Record<string, number>} counters
 * @property {string[]} convictions Of what it convicted, without repetition.
 * @property {string} text The first conviction in words.
 */

/**
 * Reads the report that a witness has left.
 *
 * @param {string} file
 * @returns {WitnessReport | undefined} Nothing if no witness was there.
 */
export function readWitnessReport(file) {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const numbers = [...COUNTERS, ...CONVICTIONS].map((_, index) => Number(bytes.readBigUInt64LE(index * 8)));
  const text = bytes.subarray(numbers.length * 8).toString('latin1');
  return {
    counters: Object.fromEntries(COUNTERS.map((name, index) => [name, numbers[index]])),
    convictions: CONVICTIONS.filter((_, index) => numbers[COUNTERS.length + index] > 0),
    text: text.slice(0, text.indexOf('\0')),
  };
}
