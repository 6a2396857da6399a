import { wrongType } from '../resp/command-error.js';

/** What a key holds: a string, or a list. */
export type Value = Buffer | Buffer[];

/** Keys looked at in each round of {@link Store.expireSome}. */
const SAMPLE = 20;

/** All keys and values, in memory. Keys that have expired are gone for whoever asks, and from memory sooner or later. */
export class Store {
  readonly #values = new Map<string, Value>();
  /** When keys expire, in milliseconds of `Date.now()`. */
  readonly #expiries = new Map<string, number>();

  get size(): number {
    return this.#values.size;
  }

  /** How many keys have a time at which they expire. */
  get expiring(): number {
    return this.#expiries.size;
  }

  keys(): IterableIterator<string> {
    this.expireSome(Infinity);
    return this.#values.keys();
  }

  get(key: string): Value | undefined {
    this.#expire(key);
    return this.#values.get(key);
  }

  /** @throws CommandError for a list */
  string(key: string): Buffer | undefined {
    const value = this.get(key);
    if (Array.isArray(value)) throw wrongType();
    return value;
  }

  /** @throws CommandError for a string */
  list(key: string): Buffer[] | undefined {
    const value = this.get(key);
    if (value !== undefined && !Array.isArray(value)) throw wrongType();
    return value;
  }

  /** Sets a value. The time at which the key expires is forgotten unless it is to be kept. */
  set(key: string, value: Value, keepExpiry = false): void {
    this.#values.set(key, value);
    if (!keepExpiry) this.#expiries.delete(key);
  }

  delete(key: string): boolean {
    this.#expire(key);
    this.#expiries.delete(key);
    return this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
    this.#expiries.clear();
  }

  /** When a key expires; undefined if it does not. */
  expiry(key: string): number | undefined {
    this.#expire(key);
    return this.#expiries.get(key);
  }

  /** @param at milliseconds of `Date.now()`; undefined for never */
  setExpiry(key: string, at: number | undefined): void {
    if (at === undefined) this.#expiries.delete(key);
    else this.#expiries.set(key, at);
  }

  /** Drops some of the keys that have expired, the oldest first, as long as there are many among them. */
  expireSome(limit = SAMPLE): void {
    const now = Date.now();
    let looked = 0;
    let dropped = 0;
    for (const [key, at] of this.#expiries) {
      looked += 1;
      if (at <= now) {
        this.#drop(key);
        dropped += 1;
      } else {
        // Looked at last: to the end of the queue.
        this.#expiries.delete(key);
        this.#expiries.set(key, at);
      }
      if (looked >= this.#expiries.size + dropped) return;
      if (looked >= limit && dropped * 4 < looked) return;
    }
  }

  #expire(key: string): void {
    if (this.#expiries.size === 0) return;
    const at = this.#expiries.get(key);
    if (at !== undefined && at <= Date.now()) this.#drop(key);
  }

  #drop(key: string): void {
    this.#values.delete(key);
    this.#expiries.delete(key);
  }
}
