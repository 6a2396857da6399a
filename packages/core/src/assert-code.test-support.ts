import * as assert from 'uvu/assert';

/** Asserts that a function throws an error of a code, and optionally what its message says. */
export function assertCode(build: () => unknown, code: string, text?: RegExp): void {
  try {
    build();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, code);
    if (text !== undefined) assert.match((error as Error).message, text);
    return;
  }
  assert.unreachable(`no ${code} was thrown`);
}
