import { CQE_WORDS } from './abi.js';
import type { CompletionHandler } from './completion-queue.js';
import { grown } from './grown.js';

/** In the place of the first half of a send's user_data: it was told of. No slot has it. */
const TOLD = -1;

/**
 * Sends that are over and that nobody has been told of, in the order of the CQ.
 *
 * They are held until something that their socket received is about to be told of, so that both find in the cache what
 * is known of the socket. bench/NOTES.md has what that is worth.
 */
export class HeldSends {
  /** user_data, result and, where a CQE has flags, the socket. */
  #cqes = new Int32Array(64 * CQE_WORDS);
  /** By socket, the number of the first send that is held of it, plus one. */
  #bySocket = new Int32Array(64);
  /** How many were held since there was none, how many of them are left, and how many of the first are not. */
  #count = 0;
  #left = 0;
  #next = 0;

  /** Whether there are any. */
  get any(): boolean {
    return this.#left > 0;
  }

  hold(userDataLow: number, userDataHigh: number, result: number, socket: number): void {
    const at = this.#count * CQE_WORDS;
    this.#count += 1;
    this.#left += 1;
    if (at === this.#cqes.length) this.#cqes = grown(this.#cqes);
    const cqes = this.#cqes;
    cqes[at] = userDataLow;
    cqes[at + 1] = userDataHigh;
    cqes[at + 2] = result;
    cqes[at + 3] = socket;
    while (socket >= this.#bySocket.length) this.#bySocket = grown(this.#bySocket);
    if (this.#bySocket[socket] === 0) this.#bySocket[socket] = this.#count;
  }

  /** Tells of the first send of a socket. Returns whether there is one. */
  tellOf(socket: number, handle: CompletionHandler): boolean {
    if (socket >= this.#bySocket.length) return false;
    const place = this.#bySocket[socket] as number;
    if (place === 0) return false;
    this.#tell((place - 1) * CQE_WORDS, handle);
    return true;
  }

  /** Tells of those that are left. Returns how many that were, `most` if there may be more. */
  tellRest(handle: CompletionHandler, most: number): number {
    let told = 0;
    while (this.any && told < most) {
      const at = this.#next * CQE_WORDS;
      this.#next += 1;
      if (this.#cqes[at] === TOLD) continue;
      this.#tell(at, handle);
      told += 1;
    }
    return told;
  }

  /** The result of one that was not told of. */
  resultOf(userDataLow: number, userDataHigh: number): number | undefined {
    const cqes = this.#cqes;
    for (let at = this.#next * CQE_WORDS; at < this.#count * CQE_WORDS; at += CQE_WORDS) {
      if (cqes[at] === userDataLow && cqes[at + 1] === userDataHigh) return cqes[at + 2];
    }
    return undefined;
  }

  #tell(at: number, handle: CompletionHandler): void {
    const cqes = this.#cqes;
    const slot = cqes[at] as number;
    cqes[at] = TOLD;
    this.#left -= 1;
    if (this.#left === 0) {
      this.#count = 0;
      this.#next = 0;
    }
    this.#bySocket[cqes[at + 3] as number] = 0;
    handle(slot, cqes[at + 1] as number, cqes[at + 2] as number, 0);
  }
}
