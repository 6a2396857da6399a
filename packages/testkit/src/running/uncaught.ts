/**
 * What reaches `uncaughtException` and `unhandledRejection` while a rule runs. It fails
 * the rule, unless the rule said that it expects errors.
 */
export class UncaughtErrors implements Disposable {
  /** Rejects with the first error that the rule did not expect. */
  readonly failure: Promise<never>;
  readonly #unexpected: unknown[] = [];
  #expected: unknown[] | undefined;
  #fail: (error: unknown) => void = () => {};

  constructor() {
    this.failure = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => {});
    process.on('uncaughtException', this.#onError);
    process.on('unhandledRejection', this.#onError);
  }

  /** From now on, what would end the process is collected in the list that is returned. */
  expect(): readonly unknown[] {
    this.#expected ??= [];
    return this.#expected;
  }

  /** What came without being expected, during the clean-up as well. */
  get unexpected(): readonly unknown[] {
    return this.#unexpected;
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#onError);
    process.off('unhandledRejection', this.#onError);
  }

  readonly #onError = (error: unknown): void => {
    if (this.#expected !== undefined) {
      this.#expected.push(error);
      return;
    }
    this.#unexpected.push(error);
    this.#fail(error);
  };
}
