import { CQE_WORDS } from '../kernel/abi.js';
import type { CompletionHandler } from './completion-queue.js';
import { grown } from './grown.js';

/** In the place of the first half of a send's user_data: it was told of. No slot has it. */
const TOLD = -1;

/**
 * The sends of a batch that are over, in the order of the CQ, and which of them nobody has been told of.
 *
 * They are held until something that their socket received is about to be told of, so that both find in the cache what
 * is known of the socket. bench/NOTES.md has what that is worth.
 */
export class HeldSends {
  /** user_data, result and, where a CQE has flags, the socket. */
  #cqes = new Int32Array(64 * CQE_WORDS);
  /** Where they stand in the CQ. */
  #places = new Int32Array(64);
  /** By socket, the number of the first send that is held of it, plus one. */
  #bySocket = new Int32Array(64);
  #count = 0;
  /** How many nobody was told of. */
  #left = 0;
  /** All before it were told of. */
  #next = 0;
  /** The CQ's head is behind all before it. */
  #passed = 0;

  /** Whether there are any that nobody was told of. */
  get any(): boolean {
    return this.#left > 0;
  }

  /** A batch begins: all of the last one were told of. */
  clear(): void {
    this.#count = 0;
    this.#next = 0;
    this.#passed = 0;
  }

  /** @param place where it stands in the CQ, behind those that are held already */
  hold(place: number, userDataLow: number, userDataHigh: number, result: number, socket: number): void {
    const number = this.#count;
    const at = number * CQE_WORDS;
    this.#count += 1;
    this.#left += 1;
    if (number === this.#places.length) {
      this.#places = grown(this.#places);
      this.#cqes = grown(this.#cqes);
    }
    const cqes = this.#cqes;
    this.#places[number] = place;
    cqes[at] = userDataLow;
    cqes[at + 1] = userDataHigh;
    cqes[at + 2] = result;
    cqes[at + 3] = socket;
    while (socket >= this.#bySocket.length) this.#bySocket = grown(this.#bySocket);
    if (this.#bySocket[socket] === 0) this.#bySocket[socket] = number + 1;
  }

  /** Whether what stands at a place of the CQ is held. The places are asked for in their order, each once. */
  pass(place: number): boolean {
    if (this.#passed === this.#count || this.#places[this.#passed] !== place) return false;
    this.#passed += 1;
    return true;
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

  /** The result of one that nobody was told of. */
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
    this.#bySocket[cqes[at + 3] as number] = 0;
    handle(slot, cqes[at + 1] as number, cqes[at + 2] as number, 0);
  }
}
