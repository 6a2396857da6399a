import { readdirSync } from 'node:fs';
import * as assert from 'uvu/assert';

/** Waits until a promise rejects with a code, or with an error of that name. */
export async function rejects(promise: Promise<unknown>, code: string): Promise<NodeJS.ErrnoException> {
  try {
    await promise;
  } catch (error) {
    const { code: actual, name } = error as NodeJS.ErrnoException;
    assert.ok(actual === code || name === code, `${code} was expected, not ${actual ?? name}: ${error}`);
    return error as NodeJS.ErrnoException;
  }
  return assert.unreachable(`no ${code} was thrown`) as never;
}

/** Does something and waits until it throws a code. */
export function throws(body: () => unknown, code: string): NodeJS.ErrnoException {
  try {
    body();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, code, String(error));
    return error as NodeJS.ErrnoException;
  }
  return assert.unreachable(`no ${code} was thrown`) as never;
}

/** How many descriptors this process has. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
