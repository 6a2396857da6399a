import type { EntryFields } from '@polyring/core';
import { IORING_ENTER_GETEVENTS, IORING_SQ_CQ_OVERFLOW, SQE_WORDS } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { upperHalf } from '../kernel/word.js';
import type { Operation } from './operation.js';

const SQE_SHIFT = Math.log2(SQE_WORDS);

/** Either half of a `user_data` that no operation has. */
const NOBODY = -1;

/**
 * The mapped SQ of one ring: SQEs are written here, without a native call.
 *
 * The kernel reads the SQ tail only inside enter, so it is published there, once for everything queued.
 */
export class Ring {
  readonly #native: NativeRing;
  readonly #sqEntries: number;
  readonly #words: Int32Array;
  readonly #sqes: Int32Array;
  readonly #sqMask: number;
  readonly #sqTail: number;
  readonly #sqFlags: number;
  #tail = 0;
  #queued = 0;

  constructor(native: NativeRing) {
    this.#native = native;
    this.#sqEntries = native.sqEntries;
    this.#words = new Int32Array(native.rings);
    this.#sqes = new Int32Array(native.sqes);
    this.#sqMask = native.sqEntries - 1;
    this.#sqTail = native.sqTail / 4;
    this.#sqFlags = native.sqFlags / 4;
  }

  /** Entries that were written and that the kernel has not taken. */
  get queued(): number {
    return this.#queued;
  }

  /** How many entries the SQ holds at the most. */
  get size(): number {
    return this.#sqEntries;
  }

  /** How many entries may be written. */
  get room(): number {
    return this.#sqEntries - this.#queued;
  }

  /**
   * Writes an operation's SQE. The SQ must have room.
   *
   * With `|` in place of `+`, as an SQE begins at a multiple of its words, and `| 0` behind what is stored, the engine neither
   * looks for overflows nor takes the way over floating-point numbers.
   */
  push(operation: Operation): void {
    const { entry } = operation;
    const sqes = this.#sqes;
    const at = (this.#tail & this.#sqMask) << SQE_SHIFT;
    const { off, rare } = entry;
    const { address, otherOpcode } = operation;
    sqes[at] = (otherOpcode === 0 ? entry.opcode : otherOpcode) | ((entry.flags | operation.linkFlags) << 8);
    sqes[at | 1] = entry.fd | 0;
    sqes[at | 2] = off | 0;
    sqes[at | 3] = upperHalf(off);
    sqes[at | 4] = address | 0;
    sqes[at | 5] = upperHalf(address);
    sqes[at | 6] = entry.len | 0;
    sqes[at | 7] = entry.opFlags | 0;
    sqes[at | 8] = operation.slot | 0;
    sqes[at | 9] = entry.userDataHigh | 0;
    sqes[at | 10] = operation.bufIndex | 0;
    sqes[at | 11] = 0;
    sqes[at | 12] = 0;
    sqes[at | 13] = 0;
    sqes[at | 14] = 0;
    sqes[at | 15] = 0;
    if (rare !== undefined) this.#writeRare(at, operation, rare);
    this.#tail = (this.#tail + 1) | 0;
    this.#queued += 1;
  }

  /** Has the operation of a slot, if the kernel has not taken it, fail with EBADF. */
  disarm(slot: number): void {
    for (let behind = this.#queued; behind > 0; behind -= 1) {
      const at = ((this.#tail - behind) & this.#sqMask) << SQE_SHIFT;
      if (this.#sqes[at + 8] === slot) this.#sqes[at + 1] = -1;
    }
  }

  /** Adds what few entries have. */
  #writeRare(at: number, { entry, addresses, bufIndex, changedEvents }: Operation, fields: EntryFields): void {
    const sqes = this.#sqes;
    sqes[at] = (sqes[at] as number) | ((fields.ioprio ?? 0) << 16);
    sqes[at + 10] = bufIndex | ((fields.personality ?? 0) << 16);
    sqes[at + 11] = fields.fileIndex ?? 0;
    this.#writeWord(at + 12, addresses?.addr3 ?? fields.addr3 ?? 0);
    if (addresses?.off !== undefined) this.#writeWord(at + 2, addresses.off);
    const addr = addresses?.addr ?? fields.addr;
    if (addr !== undefined) this.#writeWord(at + 4, addr);
    if (changedEvents !== undefined) sqes[at + 7] = changedEvents;
    const { target } = fields;
    if (target === undefined) return;
    // It may have completed while this waited, and be in flight elsewhere: its user_data would be somebody else's here.
    const isHere = target.owner === entry.owner;
    sqes[at + 4] = isHere ? target.userDataLow : NOBODY;
    sqes[at + 5] = isHere ? target.userDataHigh : NOBODY;
  }

  #writeWord(at: number, value: number): void {
    this.#sqes[at] = value;
    this.#sqes[at + 1] = upperHalf(value);
  }

  /** Submits everything queued. What the kernel took, or a negative error number. */
  submit(): number {
    // Without Atomics, which is a call: the kernel reads it on this thread, inside the enter that follows.
    this.#words[this.#sqTail] = this.#tail;
    const taken = this.#native.enter(this.#queued, 0, 0);
    if (taken > 0) this.#queued -= taken;
    return taken;
  }

  /** Lets the kernel move overflowed completions into the CQ. A negative error number on failure. */
  flushOverflow(): number {
    return this.#native.enter(0, 0, IORING_ENTER_GETEVENTS);
  }

  /** Whether completions wait in the kernel for room in the CQ. */
  get overflowed(): boolean {
    return ((this.#words[this.#sqFlags] as number) & IORING_SQ_CQ_OVERFLOW) !== 0;
  }
}
