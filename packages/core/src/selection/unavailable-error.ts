import { PolyringError } from '../errors/polyring-error.js';
import { type Explanation, formatExplanation } from './explanation.js';

/** The error of a selection that took no backend. Its message lists every candidate, the reason and the remedy. */
export class BackendUnavailableError extends PolyringError {
  /** The same as data. */
  readonly explanation: Explanation;

  /** @param cause the error that told of the last candidate that was tried */
  constructor(explanation: Explanation, cause?: unknown) {
    super(
      'ERR_POLYRING_BACKEND_UNAVAILABLE',
      formatExplanation(explanation),
      cause === undefined ? undefined : { cause },
    );
    this.explanation = explanation;
  }
}
