import { writeSync } from 'node:fs';

const STDERR = 2;

/**
 * Notices that this process ends before a run does, as when a rule that runs in it calls `process.exit()`. Such an end
 * is told, and never taken for a success.
 */
export class EarlyExit implements Disposable {
  #during = 'the look at the backend';

  constructor() {
    process.once('exit', this.#onExit);
  }

  /** Says which rule runs now. */
  during(id: string): void {
    this.#during = `the rule ${id}`;
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#onExit);
  }

  readonly #onExit = (): void => {
    writeSync(STDERR, `polyring-testkit: The process was ended during ${this.#during}. Run without --in-process.\n`);
    process.exitCode = 1;
  };
}
