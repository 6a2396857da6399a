import * as assert from 'uvu/assert';
import { VerificationError } from './step.js';

/** What a promise rejects with; the test fails if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('The promise did not reject.');
}

/** The test fails unless a promise rejects with a VerificationError whose message fits. */
export async function failsVerification(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await rejectionOf(promise);
  assert.instance(error, VerificationError, error.stack ?? error.message);
  assert.match(error.message, message);
}
