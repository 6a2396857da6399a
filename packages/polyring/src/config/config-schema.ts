import { inspect } from 'node:util';
import {
  type DriverOptions,
  invalidArgType,
  invalidArgValue,
  isBackendFactory,
  OPCODES,
  outOfRange,
  PolyringError,
  type SettingsLayer,
} from '@polyring/core';

type Settings = SettingsLayer['settings'];

/** What a program gives: the settings, with opcodes by name as well as by number. */
export interface ProgramSettings extends Omit<Settings, 'requireOpcodes'> {
  readonly requireOpcodes?: readonly (number | string)[] | undefined;
}

/** Makes the error for a value. If that is of one of `types`, it is the value that is wrong, and not its type. */
type Fault = (key: string, expected: string, actual: unknown, ...types: string[]) => Error;

/** The options that are whole numbers, the least that each may be, and the ones of which Infinity is no limit. */
const OPTION_SIZES: readonly (readonly [key: keyof DriverOptions, least: number, endless?: true])[] = [
  ['entries', 1],
  ['completionEntries', 1],
  ['poolLimit', 0],
  ['closeTimeout', 0, true],
  ['busyPoll', 0],
];

/** What Polyring's own backends take; the type has it complete. */
const OWN_OPTIONS: Readonly<Record<keyof DriverOptions, true>> = {
  entries: true,
  completionEntries: true,
  poolLimit: true,
  poolExhausted: true,
  closeTimeout: true,
  busyPoll: true,
};

const CHECKS: { readonly [key in keyof Required<Settings>]: (value: unknown, fault: Fault) => Settings[key] } = {
  backend: (value, fault) => {
    if ((typeof value === 'string' && value.trim() !== '') || isBackendFactory(value)) return value;
    throw fault('backend', 'the name of a backend or of a module', value);
  },
  strict: (value, fault) => {
    if (typeof value === 'boolean') return value;
    throw fault('strict', 'true or false', value);
  },
  requireOpcodes: (value, fault) => {
    if (!Array.isArray(value)) throw fault('requireOpcodes', 'a list of opcodes', value);
    return value.map((item, index) => {
      const opcode = readOpcode(item);
      if (opcode !== undefined) return opcode;
      throw fault(`requireOpcodes[${index}]`, 'an opcode such as "IORING_OP_READ" or 22', item, 'number', 'string');
    });
  },
  options: (value, fault) => {
    if (!isPlainObject(value)) throw fault('options', 'an object', value);
    for (const [key, least, endless] of OPTION_SIZES) {
      const size = value[key];
      if (size === undefined || (endless && size === Number.POSITIVE_INFINITY)) continue;
      if (Number.isSafeInteger(size) && (size as number) >= least) continue;
      throw fault(`options.${key}`, `a whole number from ${least} up`, size, 'number');
    }
    const { poolExhausted } = value;
    if (poolExhausted !== undefined && poolExhausted !== 'reject' && poolExhausted !== 'wait') {
      throw fault('options.poolExhausted', '"reject" or "wait"', poolExhausted, 'string');
    }
    return value;
  },
};

/** The names of the settings. */
export const SETTING_KEYS: readonly string[] = Object.keys(CHECKS);

const argumentFault: Fault = (key, expected, actual, ...types) => {
  if (!types.includes(typeof actual)) return invalidArgType(key, expected, actual);
  return (typeof actual === 'number' ? outOfRange : invalidArgValue)(key, expected, actual);
};

/**
 * Checks what a config file holds.
 *
 * @param path the file, for the error's text
 * @param under the key that holds it; undefined if that is the whole file
 * @throws ERR_POLYRING_CONFIG, naming the file and the key
 */
export function checkConfig(config: unknown, path: string, under?: string): Settings {
  if (!isPlainObject(config)) {
    const must = under === undefined ? 'must hold' : `"${under}" must be`;
    throw configError(path, `${must} an object, not ${inspect(config)}.`);
  }
  const fault: Fault = (key, expected, actual) =>
    configError(path, `"${key}" must be ${expected}, not ${inspect(actual, { depth: 0 })}.`);
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!isKey(key)) throw configError(path, `unknown key "${key}". Known are ${SETTING_KEYS.join(', ')}.`);
    settings[key] = CHECKS[key](value, fault);
  }
  return settings as Settings;
}

/**
 * Checks the settings that a program gives, by the same rules. The backend is left to `selectDriver`, which takes
 * forms of it that no file can give.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, naming the key
 */
export function checkProgram({ backend, ...others }: ProgramSettings): Settings {
  const settings: Record<string, unknown> = { backend };
  for (const key of ['strict', 'requireOpcodes', 'options'] as const) {
    if (others[key] !== undefined) settings[key] = CHECKS[key](others[key], argumentFault);
  }
  return settings as Settings;
}

/** The error of a config file. */
export function configError(path: string, trouble: string, cause?: unknown): PolyringError {
  return new PolyringError('ERR_POLYRING_CONFIG', `${path}: ${trouble}`, cause === undefined ? undefined : { cause });
}

/** Whether an option means something to one of Polyring's own backends. Those of somebody else may take more. */
export function isOwnOption(name: string): boolean {
  return Object.hasOwn(OWN_OPTIONS, name);
}

function isKey(key: string): key is keyof Settings {
  return Object.hasOwn(CHECKS, key);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readOpcode(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
  return OPCODES.find(({ name }) => name === value || name === `IORING_OP_${value}`)?.opcode;
}
