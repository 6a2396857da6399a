import type { PolyringErrorCode } from './codes.js';

const BRAND = Symbol.for('polyring.error');

/** An error of Polyring's own. Its message says what happened and what to do about it. */
export class PolyringError extends Error {
  readonly code: PolyringErrorCode;

  constructor(code: PolyringErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  override get name(): string {
    return 'PolyringError';
  }
}

/** Whether an error is Polyring's own, also across two installed copies of the library. */
export function isPolyringError(error: unknown): error is PolyringError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** The error of an object that was disposed. */
export function disposedError(object: string): PolyringError {
  return new PolyringError('ERR_POLYRING_DISPOSED', `This ${object} was disposed. Make a new one from the driver.`);
}

/** The error of a driver that was closed. */
export function closedError(driver: string): PolyringError {
  return new PolyringError('ERR_POLYRING_CLOSED', `The driver "${driver}" was closed. Create a new one.`);
}

/** The error of a call that took longer than it was given. */
export function timeoutError(milliseconds: number): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_TIMEOUT',
    `The call did not end within ${milliseconds} ms. Call again, or give it a longer "timeout".`,
  );
}
