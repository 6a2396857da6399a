/** Milliseconds without progress after which it is given up: what never settles would end the process without a word. */
export const STALL_LIMIT = 30_000;

/** Rejects when nothing was heard for a time. Until then the process goes on. */
export class Stall {
  readonly reached: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  /** @param trouble what lasts too long, such as `The driver has been closing` */
  constructor(limit: number, trouble: string) {
    this.reached = new Promise((_, reject) => {
      this.#timer = setTimeout(() => reject(new Error(`${trouble} for ${limit / 1e3} s.`)), limit);
    });
  }

  postpone(): void {
    this.#timer?.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Waits for what might never settle.
 *
 * @throws (rejects) what `work` rejects with; an error with the trouble's text if it has not settled within the limit
 */
export async function settledWithin<T>(limit: number, trouble: string, work: Promise<T>): Promise<T> {
  const stall = new Stall(limit, trouble);
  try {
    return await Promise.race([work, stall.reached]);
  } finally {
    stall.end();
  }
}
