/** The error of something that did not end in its time. */
class TimeLimitError extends Error {
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
 * @param waitingFor says at the end of the time what was missing, if that is known
 */
export function withTimeLimit<T>(
  promise: Promise<T>,
  milliseconds: number,
  what: string,
  waitingFor?: () => string | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const missing = waitingFor?.();
      const told = missing === undefined ? '' : `: it waited for ${missing}`;
      reject(new TimeLimitError(`${what} did not end within ${milliseconds} ms${told}`));
    }, milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Resolves when the promise does, or when the time is over. Rejects as the promise does before. */
export async function untilOver(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
