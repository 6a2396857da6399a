import { CQE_WORDS } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { HeldSends } from './held-sends.js';
import type { Slots } from './slots.js';
import { GENERATION_MASK, IS_RECEIVE, IS_SEND, RESULT_IS_DESCRIPTOR } from './user-data.js';

/** Words of the addon's Control. */
const TERMINAL = 0;
const HEAD = 1;
const HANDED = 2;

/** Takes one completion from the CQ. Tells whether an operation is over with it. */
export type CompletionHandler = (userDataLow: number, userDataHigh: number, result: number, flags: number) => boolean;

/** What is known of the operations in flight. */
export type OperationsBySlot = Pick<Slots, 'isCurrent' | 'socket'>;

/**
 * The mapped CQ of one ring: CQEs are read here, without a native call.
 *
 * They are told of in batches, of what stood in the CQ at a time, and in its order. Only the sends of senders may wait, where
 * there are more than are told of together: for what their sockets received, or else for the end of the batch.
 */
export class CompletionQueue {
  readonly #words: Int32Array;
  readonly #control: Uint32Array;
  readonly #mask: number;
  readonly #head: number;
  readonly #tail: number;
  readonly #cqes: number;
  readonly #slots: OperationsBySlot;
  readonly #sends = new HeldSends();
  /** Where the batch ends. */
  #end: number;
  /** Where the last look for sends began: what they were told before is told of next. */
  #looked = -1;

  constructor(native: NativeRing, slots: OperationsBySlot) {
    this.#words = new Int32Array(native.rings);
    this.#control = new Uint32Array(native.control);
    this.#mask = native.cqEntries - 1;
    this.#head = native.cqHead / 4;
    this.#tail = native.cqTail / 4;
    this.#cqes = native.cqes / 4;
    this.#slots = slots;
    this.#end = this.#words[this.#head] as number;
  }

  /** Whether the batch goes on: something is to be told of behind the promises that the last {@link reap} settled. */
  get left(): boolean {
    return this.#sends.any || this.#words[this.#head] !== this.#end;
  }

  /** Whether nothing in the CQ itself says that something is left. */
  get leftAside(): boolean {
    return this.#sends.any && this.#words[this.#head] === this.#end;
  }

  /** The result of a completion that nobody was told of; it will be. */
  resultOf(userDataLow: number, userDataHigh: number): number | undefined {
    const words = this.#words;
    const end = Atomics.load(words, this.#tail);
    for (let head = words[this.#head] as number; head !== end; head = (head + 1) | 0) {
      const at = this.#at(head);
      if (words[at] === userDataLow && words[at + 1] === userDataHigh) return words[at + 2];
    }
    return this.#sends.resultOf(userDataLow, userDataHigh);
  }

  /**
   * Hands completions to `handle`, which must not throw, and frees their room in the CQ.
   *
   * @returns how many there were; see {@link left} for whether that is all
   */
  reap(handle: CompletionHandler, most: number): number {
    const sends = this.#sends;
    for (;;) {
      const head = this.#words[this.#head] as number;
      if (head === this.#end) {
        if (sends.any) return sends.tellRest(handle, most);
        this.#end = Atomics.load(this.#words, this.#tail);
        if (head === this.#end) return 0;
        sends.clear();
        if (((this.#end - head) | 0) > most) this.#holdSends(head);
      }
      if (sends.any && head !== this.#looked) {
        this.#looked = head;
        const told = this.#tellSendsBefore(head, handle, most);
        if (told > 0) return told;
      }
      const next = this.#tellNext(head, handle, most);
      // Otherwise there were but sends that are held.
      if (next > 0) return next;
    }
  }

  #at(head: number): number {
    return this.#cqes + (head & this.#mask) * CQE_WORDS;
  }

  /** Has the sends of the batch held. Of what others post here (IORING_OP_MSG_RING) nothing is. */
  #holdSends(head: number): void {
    const words = this.#words;
    const slots = this.#slots;
    const end = this.#end;
    for (let next = head; next !== end; next = (next + 1) | 0) {
      const at = this.#at(next);
      const high = words[at + 1] as number;
      if ((high & IS_SEND) === 0 || words[at + 3] !== 0) continue;
      const slot = words[at] as number;
      if (!slots.isCurrent(slot, high & GENERATION_MASK)) continue;
      this.#sends.hold(next, slot, high, words[at + 2] as number, slots.socket(slot));
    }
  }

  /** Tells of the sends whose sockets received something among what is told of next. */
  #tellSendsBefore(head: number, handle: CompletionHandler, most: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const end = this.#end;
    let told = 0;
    for (let next = head, others = 0; next !== end && others < most; next = (next + 1) | 0) {
      const at = this.#at(next);
      const high = words[at + 1] as number;
      if ((high & IS_SEND) !== 0) continue;
      others += 1;
      if ((high & IS_RECEIVE) === 0) continue;
      const slot = words[at] as number;
      if (!slots.isCurrent(slot, high & GENERATION_MASK)) continue;
      if (this.#sends.tellOf(slots.socket(slot), handle)) told += 1;
    }
    return told;
  }

  #tellNext(start: number, handle: CompletionHandler, most: number): number {
    const words = this.#words;
    let head = start;
    let told = 0;
    let terminal = 0;
    for (; head !== this.#end && told < most; head = (head + 1) | 0) {
      const at = this.#at(head);
      const high = words[at + 1] as number;
      if ((high & IS_SEND) !== 0 && this.#sends.pass(head)) {
        terminal += 1;
        continue;
      }
      // What it made is closed by whoever is told from here on, and not by the addon.
      if ((high & RESULT_IS_DESCRIPTOR) !== 0) this.#control[HANDED] = head + 1;
      told += 1;
      if (handle(words[at] as number, high, words[at + 2] as number, words[at + 3] as number)) terminal += 1;
    }
    // The addon reads them when the environment ends, possibly right here. See Control in ring.h.
    this.#control[TERMINAL] = (this.#control[TERMINAL] as number) + terminal;
    this.#control[HEAD] = head;
    this.#control[HANDED] = head;
    Atomics.store(words, this.#head, head);
    return told;
  }
}
