/** The error of something that did not end in its time. */
export class TimeLimitError extends Error {
  override get name(): string {
    return 'TimeLimitError';
  }
}

/**
 * Settles as the promise does, or rejects with a {@link TimeLimitError} when the time is over. It keeps the
 * process alive meanwhile, so that a lost wake ends as a failure and not as a quiet exit.
 *
 * @param milliseconds how long it may take
 * @param what the subject of the error's sentence
 */
export function withTimeLimit<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TimeLimitError(`${what} did not end within ${milliseconds} ms`)),
      milliseconds,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
