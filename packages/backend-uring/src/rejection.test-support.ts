import * as assert from 'uvu/assert';

/** The error of a promise that has to be rejected, and with a code if one is given. */
export async function rejectionOf(promise: Promise<unknown>, code?: string): Promise<NodeJS.ErrnoException> {
  try {
    await promise;
  } catch (error) {
    if (code !== undefined) assert.is((error as NodeJS.ErrnoException).code, code, String(error));
    return error as NodeJS.ErrnoException;
  }
  throw new Error(`The promise was not rejected${code === undefined ? '' : ` with ${code}`}`);
}

/** Tells errors of a code from others, for `assert.throws`. */
export function hasCode(code: string): (error: NodeJS.ErrnoException) => boolean {
  return (error) => error.code === code;
}
