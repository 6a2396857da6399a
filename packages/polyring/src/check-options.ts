import { checkNoNullByte, checkObject, invalidArgType, invalidArgValue, type Settings } from '@polyring/core';
import { SETTING_KEYS } from './config/config-schema.js';
import type { CreateDriverOptions } from './create-driver.js';

type Form = readonly [expected: string, isOfForm: (value: unknown) => boolean];

/** The form of what is no setting and hence not checked as one. */
const FORMS: Readonly<Record<Exclude<keyof CreateDriverOptions, keyof Settings>, Form>> = {
  backends: ['an array of backends', Array.isArray],
  directory: ['of type string', (value) => typeof value === 'string'],
  configFile: ['a path or false', (value) => typeof value === 'string' || value === false],
  environment: ['an object', (value) => typeof value === 'object' && value !== null],
};

const KNOWN: readonly string[] = [...SETTING_KEYS, ...Object.keys(FORMS)];

/**
 * Checks what a program gives to `createDriver`, but for its settings.
 *
 * @param unwanted a key that has no meaning here
 * @throws ERR_INVALID_ARG_TYPE; ERR_INVALID_ARG_VALUE for a key that has no meaning, or a path with a null byte
 */
export function checkOptions(options: CreateDriverOptions, unwanted?: keyof typeof FORMS): void {
  checkObject(options);
  const known = KNOWN.filter((key) => key !== unwanted);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw invalidArgValue('options', `an object with no keys but ${known.join(', ')}`, `"${unknown}"`);
  for (const [key, [expected, isOfForm]] of Object.entries(FORMS)) {
    const value = options[key as keyof typeof FORMS];
    if (value !== undefined && !isOfForm(value)) throw invalidArgType(key, expected, value);
    if (typeof value === 'string') checkNoNullByte(value, key);
  }
}
