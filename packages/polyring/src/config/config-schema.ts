import { inspect } from 'node:util';
import { type DriverOptions, isBackendFactory, OPCODES, PolyringError, type SettingsLayer } from '@polyring/core';

type FileSettings = SettingsLayer['settings'];

/** The options that are whole numbers, and the least that each may be. */
const OPTION_SIZES: readonly (readonly [key: keyof DriverOptions, least: number])[] = [
  ['entries', 1],
  ['completionEntries', 1],
  ['poolLimit', 0],
  ['closeTimeout', 0],
  ['busyPoll', 0],
];

const CHECKS: { readonly [key in keyof Required<FileSettings>]: (value: unknown, fault: Fault) => FileSettings[key] } =
  {
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
        if (opcode === undefined)
          throw fault(`requireOpcodes[${index}]`, 'an opcode such as "IORING_OP_READ" or 22', item);
        return opcode;
      });
    },
    options: (value, fault) => {
      if (!isPlainObject(value)) throw fault('options', 'an object', value);
      for (const [key, least] of OPTION_SIZES) {
        const size = value[key];
        if (size !== undefined && !(Number.isSafeInteger(size) && (size as number) >= least)) {
          throw fault(`options.${key}`, `a whole number from ${least} up`, size);
        }
      }
      const { poolExhausted } = value;
      if (poolExhausted !== undefined && poolExhausted !== 'reject' && poolExhausted !== 'wait') {
        throw fault('options.poolExhausted', '"reject" or "wait"', poolExhausted);
      }
      return value;
    },
  };

type Fault = (key: string, expected: string, actual: unknown) => PolyringError;

/**
 * Checks what a config file holds.
 *
 * @param path the file, for the error's text
 * @throws ERR_POLYRING_CONFIG, naming the file and the key
 */
export function checkConfig(config: unknown, path: string): FileSettings {
  if (!isPlainObject(config)) throw configError(path, `must hold an object, not ${inspect(config)}.`);
  const fault: Fault = (key, expected, actual) =>
    configError(path, `"${key}" must be ${expected}, not ${inspect(actual, { depth: 0 })}.`);
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!isKey(key)) throw configError(path, `unknown key "${key}". Known are ${Object.keys(CHECKS).join(', ')}.`);
    settings[key] = CHECKS[key](value, fault);
  }
  return settings as FileSettings;
}

/** The error of a config file. */
export function configError(path: string, trouble: string, cause?: unknown): PolyringError {
  return new PolyringError('ERR_POLYRING_CONFIG', `${path}: ${trouble}`, cause === undefined ? undefined : { cause });
}

function isKey(key: string): key is keyof FileSettings {
  return Object.hasOwn(CHECKS, key);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readOpcode(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
  return OPCODES.find(({ name }) => name === value || name === `IORING_OP_${value}`)?.opcode;
}
