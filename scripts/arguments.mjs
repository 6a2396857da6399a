import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Reads the command line of the script that runs. `--help` prints the usage and ends the process with 0; a wrong command
 * line ends it with 2.
 *
 * @template {import('node:util').ParseArgsConfig} C
 * @template T
 * @param {string} usage
 * @param {C} config As for `parseArgs`, without `help`.
 * @param {(parsed: ReturnType<typeof parseArgs<C>>) => T} take What the script makes of it; its errors are those of a wrong
 * command line.
 * @returns {T}
 */
export function readArguments(usage, config, take) {
  try {
    /** @type {import('node:util').ParseArgsConfig['options']} */
    const options = { ...config.options, help: { type: 'boolean', default: false } };
    /** @type {any} */
    const parsed = parseArgs({ ...config, options });
    if (parsed.values.help) {
      console.log(usage);
      process.exit(0);
    }
    return take(parsed);
  } catch (error) {
    console.error(`${path.basename(process.argv[1], '.mjs')}: ${error.message}`);
    process.exit(2);
  }
}

/** An option that is a whole number from 1. */
export function readCount(values, option) {
  const value = Number(values[option]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${option} takes a whole number from 1, not '${values[option]}'`);
}

/** An option that is a number above 0. */
export function readPositive(values, option) {
  const value = Number(values[option]);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`--${option} takes a positive number, not '${values[option]}'`);
}
