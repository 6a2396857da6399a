import { IOSQE_IO_HARDLINK, IOSQE_IO_LINK } from '@polyring/core';
import { CQE_WORDS, IORING_SQ_CQ_OVERFLOW, SQE_WORDS } from '../kernel/abi.js';
import { type Binding, loadBinding, type NativeRing } from '../kernel/binding.js';

/** What goes wrong between TypeScript and the kernel. */
export interface Faults {
  /** The error number of an enter that does not reach the kernel; undefined lets it through. */
  refuseEnter(): number | undefined;
  /** How many of the SQEs the kernel takes. */
  take(toSubmit: number): number;
  /** Which of the completions that are held back is shown next, by place; undefined if none is for now. */
  show(held: number): number | undefined;
  /** The error number of a register that does not reach the kernel. */
  refuseRegister(opcode: number): number | undefined;
  /** The error number of a mapping that is not made. */
  refuseMemory(): number | undefined;
}

/** Nothing goes wrong: for tests of one fault. */
export const NO_FAULTS: Faults = {
  refuseEnter: () => undefined,
  take: (toSubmit) => toSubmit,
  show: () => 0,
  refuseRegister: () => undefined,
  refuseMemory: () => undefined,
};

interface Completion {
  readonly low: number;
  readonly high: number;
  readonly result: number;
  readonly flags: number;
}

/**
 * A ring whose queues TypeScript sees through a copy: completions are shown late and in another order.
 *
 * The copy always says that completions overflowed, so that each drain enters, which is when more of them are shown.
 * The kernel's own CQ is left with one completion in it as long as something is held back, so that the
 * loop finds the ring readable and calls again.
 */
export class FaultyRing {
  readonly #native: NativeRing;
  readonly #faults: Faults;
  readonly #real: Int32Array;
  readonly #copy: Int32Array;
  readonly #held: Completion[] = [];
  /** SQEs that the kernel has taken. */
  #taken = 0;
  #seen = 0;

  constructor(native: NativeRing, faults: Faults) {
    this.#native = native;
    this.#faults = faults;
    const rings = native.error === 0 ? native.rings.slice(0) : new ArrayBuffer(0);
    this.#real = new Int32Array(native.rings ?? rings);
    this.#copy = new Int32Array(rings);
    Object.assign(this, native, { rings });
    if (native.error === 0) this.#copy[native.sqFlags / 4] = IORING_SQ_CQ_OVERFLOW;
  }

  enter(toSubmit: number, minComplete: number, flags: number): number {
    const refusal = this.#faults.refuseEnter();
    if (refusal !== undefined) return refusal;
    const { sqTail, sqFlags } = this.#native;
    Atomics.store(this.#real, sqTail / 4, Atomics.load(this.#copy, sqTail / 4));
    const count = toSubmit === 0 ? 0 : this.#wholeChains(this.#faults.take(toSubmit));
    const result = this.#native.enter(count, minComplete, flags);
    if (result > 0) this.#taken += result;
    this.#copy[sqFlags / 4] = Atomics.load(this.#real, sqFlags / 4) | IORING_SQ_CQ_OVERFLOW;
    this.#takeCompletions();
    this.#showCompletions();
    return result;
  }

  register(opcode: number, argument: NodeJS.TypedArray | null, count: number): number {
    return this.#faults.refuseRegister(opcode) ?? this.#native.register(opcode, argument, count);
  }

  mapMemory(byteLength: number): ArrayBuffer | number {
    return this.#faults.refuseMemory() ?? this.#native.mapMemory(byteLength);
  }

  adopt(fd: number): void {
    this.#native.adopt(fd);
  }

  closeAdopted(fd: number): void {
    this.#native.closeAdopted(fd);
  }

  disown(fd: number): void {
    this.#native.disown(fd);
  }

  share(word: Int32Array): void {
    this.#native.share(word);
  }

  unshare(word: Int32Array): void {
    this.#native.unshare(word);
  }

  expectStray(slot: number, generation: number): void {
    this.#native.expectStray(slot, generation);
  }

  close(): void {
    this.#native.close();
  }

  abandon(): boolean {
    return this.#native.abandon();
  }

  settled(): boolean {
    return this.#native.settled();
  }

  /** So many SQEs, and those that the last of them is linked to. */
  #wholeChains(count: number): number {
    const { sqEntries } = this.#native;
    const sqes = new Int32Array(this.#native.sqes);
    let whole = count;
    const isLinked = (): boolean => {
      const at = ((this.#taken + whole - 1) & (sqEntries - 1)) * SQE_WORDS;
      return (((sqes[at] as number) >> 8) & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) !== 0;
    };
    while (isLinked()) whole += 1;
    return whole;
  }

  #takeCompletions(): void {
    const { cqTail, cqes, cqEntries } = this.#native;
    const tail = Atomics.load(this.#real, cqTail / 4);
    for (; this.#seen !== tail; this.#seen = (this.#seen + 1) | 0) {
      const at = cqes / 4 + (this.#seen & (cqEntries - 1)) * CQE_WORDS;
      const [low, high, result, flags] = this.#real.subarray(at, at + CQE_WORDS) as unknown as number[];
      this.#held.push({ low, high, result, flags } as Completion);
    }
  }

  #showCompletions(): void {
    const { cqHead, cqTail, cqes, cqEntries } = this.#native;
    const head = Atomics.load(this.#copy, cqHead / 4);
    let tail = this.#copy[cqTail / 4] as number;
    while (this.#held.length > 0 && ((tail - head) | 0) < cqEntries) {
      const place = this.#faults.show(this.#held.length);
      if (place === undefined) break;
      const { low, high, result, flags } = this.#release(place);
      this.#copy.set([low, high, result, flags], cqes / 4 + (tail & (cqEntries - 1)) * CQE_WORDS);
      tail = (tail + 1) | 0;
    }
    Atomics.store(this.#copy, cqTail / 4, tail);
    const over = this.#held.length === 0 && head === tail;
    Atomics.store(this.#real, cqHead / 4, over ? this.#seen : (this.#seen - 1) | 0);
  }

  /** The completions of one operation stay in order, as the kernel keeps them. */
  #release(place: number): Completion {
    const { low, high } = this.#held[place] as Completion;
    const first = this.#held.findIndex((completion) => completion.low === low && completion.high === high);
    return this.#held.splice(first, 1)[0] as Completion;
  }
}

/** The addon, with faults between it and TypeScript. */
export function faultyBinding(faults: Faults): Binding {
  const binding = loadBinding();
  class Ring extends FaultyRing {
    constructor(entries: number, completionEntries: number, flags: number) {
      super(new binding.Ring(entries, completionEntries, flags), faults);
    }
  }
  return { ...binding, Ring: Ring as unknown as Binding['Ring'] };
}
