import { setTimeout } from 'node:timers';
import { byteLengthOf, type Entry } from '@polyring/core';

/** How many operations are remembered before those that completed are forgotten. */
const REMEMBERED = 64;

/** How many bytes of theirs. */
const REMEMBERED_BYTES = 64 * 1024;

/** Milliseconds after which so many bytes are looked at again: an open file may lie idle for long. */
const LOOK_AGAIN_AFTER = 20;

/**
 * The operations of one file that may still be in flight, so that its close can wait for them.
 *
 * An entry says itself whether it is in flight, so that this costs no promise an operation: those that completed are
 * forgotten when enough came together. Until then their buffers stay, few bytes as they are.
 */
export class InFlight {
  readonly #entries: Entry[] = [];
  readonly #promises: Promise<number>[] = [];
  #limit = REMEMBERED;
  #bytes = 0;
  #byteLimit = REMEMBERED_BYTES;
  #looksAgain = false;

  /** Remembers an operation that was submitted. */
  add(entry: Entry, promise: Promise<number>): Promise<number> {
    if (this.#entries.length >= this.#limit || this.#bytes >= this.#byteLimit) this.#forget();
    this.#entries.push(entry);
    this.#promises.push(promise);
    this.#bytes += bytesOf(entry);
    if (this.#bytes >= REMEMBERED_BYTES) this.#lookAgain();
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
      bytes += bytesOf(entry);
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

  /** By the clock, as a handler of a promise would hide a failure that nobody else handles. */
  #lookAgain(): void {
    if (this.#looksAgain) return;
    this.#looksAgain = true;
    setTimeout(this.#look, LOOK_AGAIN_AFTER).unref();
  }

  readonly #look = (): void => {
    this.#looksAgain = false;
    this.#forget();
    if (this.#bytes >= REMEMBERED_BYTES) this.#lookAgain();
  };
}

/** The bytes of the buffers that an entry keeps. */
function bytesOf(entry: Entry): number {
  if (entry.buffer !== undefined) return entry.len;
  return entry.vectors?.reduce((sum, view) => sum + byteLengthOf(view), 0) ?? 0;
}
