import assert from 'node:assert/strict';

/** What is no number, though some of it could be turned into one. */
export const NO_NUMBERS = ['1', null, undefined, 1n, {}];

/** What is no number, where undefined stands for the default. */
export const NO_OPTIONAL_NUMBERS = NO_NUMBERS.filter((value) => value !== undefined);

/** What is no function. */
export const NO_FUNCTIONS = [null, undefined, 1, {}];

/** Holds a call to refuse each value by a throw. */
export function refuses<T>(what: string, values: readonly unknown[], code: string, call: (value: T) => unknown): void {
  for (const value of values) assert.throws(() => call(value as T), { code }, refusalOf(what, value));
}

/** Holds a call to refuse each value by a rejection. */
export async function rejects<T>(
  what: string,
  values: readonly unknown[],
  code: string | RegExp,
  call: (value: T) => Promise<unknown>,
): Promise<void> {
  for (const value of values) await assert.rejects(call(value as T), { code }, refusalOf(what, value));
}

function refusalOf(what: string, value: unknown): string {
  return `${what} ${String(value)} was not refused`;
}
