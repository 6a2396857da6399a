import type { Entry } from '@polyring/core';

/** How many operations are remembered before those that completed are forgotten. */
const REMEMBERED = 64;

/** How many bytes of theirs. */
const REMEMBERED_BYTES = 1024 * 1024;

/**
 * The operations of one file that may still be in flight, so that its close can wait for them.
 *
 * An entry says itself whether it is in flight, so that this costs no promise an operation: those that completed are
 * forgotten when enough came together.
 */
export class InFlight {
  readonly #entries: Entry[] = [];
  readonly #promises: Promise<number>[] = [];
  #limit = REMEMBERED;
  #bytes = 0;
  #byteLimit = REMEMBERED_BYTES;

  /** Remembers an operation that was submitted. */
  add(entry: Entry, promise: Promise<number>): Promise<number> {
    if (this.#entries.length >= this.#limit || this.#bytes >= this.#byteLimit) this.#forget();
    this.#entries.push(entry);
    this.#promises.push(promise);
    if (entry.buffer !== undefined) this.#bytes += entry.len;
    return promise;
  }

  /** Resolves when everything that was submitted until now has settled. */
  async settled(): Promise<void> {
    this.#forget();
    await Promise.allSettled(this.#promises);
  }

  #forget(): void {
    let kept = 0;
    let bytes = 0;
    const entries = this.#entries;
    const promises = this.#promises;
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index] as Entry;
      if (entry.owner === undefined) continue;
      entries[kept] = entry;
      promises[kept] = promises[index] as Promise<number>;
      if (entry.buffer !== undefined) bytes += entry.len;
      kept += 1;
    }
    // To set the length calls the runtime, and gives memory back that is needed again at once.
    while (entries.length > kept) {
      entries.pop();
      promises.pop();
    }
    this.#bytes = bytes;
    this.#limit = Math.max(REMEMBERED, 2 * kept);
    this.#byteLimit = Math.max(REMEMBERED_BYTES, 2 * bytes);
  }
}
