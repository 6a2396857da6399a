/** Whoever polls: a slot, a wait, a timer. It knows whether its latest poll is pending, and was woken. */
export class Waiter {
  /** What it is called in lines and messages. */
  readonly name: string;
  #polls = 0;
  #step = 0;
  #pending = false;
  #woken = false;
  #disposed = false;
  #resume: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** The number of the latest poll. */
  get poll(): number {
    return this.#polls;
  }

  /** Whether it has polled. */
  get polled(): boolean {
    return this.#polls > 0;
  }

  /** Whether the latest poll was left pending. */
  get pending(): boolean {
    return this.#pending;
  }

  /** Whether the latest poll is pending and its waker was called. */
  get woken(): boolean {
    return this.#pending && this.#woken;
  }

  /** Whether the latest poll is pending and its waker was not called. */
  get silent(): boolean {
    return this.#pending && !this.#woken;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** The number of the step that polled last. */
  get step(): number {
    return this.#step;
  }

  /** A poll begins. Returns its number. */
  begin(step: number): number {
    this.#step = step;
    this.#polls += 1;
    this.#pending = false;
    this.#woken = false;
    return this.#polls;
  }

  /** The poll has answered. */
  answered(pending: boolean): void {
    this.#pending = pending;
  }

  /** The waker of the latest poll was called. Returns whether the poll is pending and this is the first call. */
  wake(): boolean {
    if (!this.silent) return false;
    this.#woken = true;
    this.#resume?.();
    return true;
  }

  /** Resolves when the waker of the poll that is pending has been called, or its object was disposed. */
  async wakeUp(): Promise<void> {
    if (this.silent) await new Promise<void>((resolve) => (this.#resume = resolve));
  }

  dispose(): void {
    this.#disposed = true;
    this.#pending = false;
    this.#resume?.();
  }
}
