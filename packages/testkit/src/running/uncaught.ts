const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

type Listener = (...args: unknown[]) => void;

/** The listeners of rules. Where rules run at once, none puts that of another aside, who would find it again when it is over. */
const ofRules = new WeakSet<Listener>();

/**
 * What reaches `uncaughtException` and `unhandledRejection` while a rule runs. It fails the rule, unless the rule said
 * that it expects errors. Nobody else who listens hears of it: rules raise such errors on purpose, and a test runner
 * would take them for its own.
 */
export class UncaughtErrors implements Disposable {
  /** Rejects with the first error that the rule did not expect. */
  readonly failure: Promise<never>;
  readonly #unexpected: unknown[] = [];
  readonly #others = EVENTS.map((event) => ({
    event,
    listeners: (process.rawListeners(event) as Listener[]).filter((listener) => !ofRules.has(listener)),
  }));
  #expected: unknown[] | undefined;
  #fail: (error: unknown) => void = () => {};

  constructor() {
    this.failure = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => {});
    ofRules.add(this.#onError);
    for (const { event, listeners } of this.#others) {
      for (const listener of listeners) process.off(event, listener);
      process.on(event, this.#onError);
    }
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
    for (const { event, listeners } of this.#others) {
      process.off(event, this.#onError);
      for (const listener of listeners) process.on(event, listener);
    }
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
