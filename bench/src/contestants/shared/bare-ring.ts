import { join } from 'node:path';
import { ROOT } from '../../places.js';

// A ring as the addon gives it to JavaScript: its mapped queues, and nothing of a driver.

/** As much of the addon's ring as is used. */
interface NativeRing {
  readonly fd: number;
  readonly sqEntries: number;
  readonly cqEntries: number;
  readonly sqTail: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly cqes: number;
  readonly rings: ArrayBuffer;
  readonly sqes: ArrayBuffer;
  enter(toSubmit: number, minComplete: number, flags: number): number;
  register(opcode: number, argument: Uint32Array, count: number): number;
  mapMemory(byteLength: number): ArrayBuffer;
}
interface Addon {
  readonly Ring: new (entries: number, completionEntries: number, flags: number) => NativeRing;
  addressOf(buffer: ArrayBuffer): number;
}

const SQE_WORDS = 16;
const CQE_WORDS = 4;
const COOP_TASKRUN_AND_SINGLE_ISSUER = (1 << 8) | (1 << 12);
const TWO_TO_32 = 2 ** 32;

/** Writes SQEs and reads CQEs. */
export class BareRing {
  readonly native: NativeRing;
  readonly #addon: Addon;
  readonly #words: Int32Array;
  readonly #sqes: Int32Array;
  readonly #sqTail: number;
  readonly #cqHead: number;
  readonly #cqTail: number;
  readonly #cqes: number;
  #tail: number;
  #queued = 0;

  static async open(entries: number, completionEntries: number): Promise<BareRing> {
    const { loadBinding } = (await import(join(ROOT, 'packages/backend-uring/dist/kernel/binding.js'))) as {
      loadBinding(): Addon;
    };
    return new BareRing(loadBinding(), entries, completionEntries);
  }

  private constructor(addon: Addon, entries: number, completionEntries: number) {
    this.native = new addon.Ring(entries, completionEntries, COOP_TASKRUN_AND_SINGLE_ISSUER);
    this.#addon = addon;
    this.#words = new Int32Array(this.native.rings);
    this.#sqes = new Int32Array(this.native.sqes);
    this.#sqTail = this.native.sqTail / 4;
    this.#cqHead = this.native.cqHead / 4;
    this.#cqTail = this.native.cqTail / 4;
    this.#cqes = this.native.cqes / 4;
    this.#tail = Atomics.load(this.#words, this.#sqTail);
  }

  /**
   * Queues an operation.
   *
   * @param head the first word of the SQE: opcode, flags, ioprio
   * @param userData comes back with what it completes with
   * @param offset in the file
   */
  push(
    head: number,
    fd: number,
    address: number,
    length: number,
    bufferWord: number,
    userData: number,
    offset = 0,
  ): void {
    const sqes = this.#sqes;
    const at = (this.#tail & (this.native.sqEntries - 1)) * SQE_WORDS;
    sqes[at] = head;
    sqes[at + 1] = fd;
    sqes[at + 2] = offset;
    sqes[at + 3] = offset / TWO_TO_32;
    sqes[at + 4] = address;
    sqes[at + 5] = address / TWO_TO_32;
    sqes[at + 6] = length;
    sqes[at + 7] = 0;
    sqes[at + 8] = userData;
    sqes[at + 9] = 0;
    sqes[at + 10] = bufferWord;
    for (let word = 11; word < SQE_WORDS; word += 1) sqes[at + word] = 0;
    this.#tail = (this.#tail + 1) | 0;
    this.#queued += 1;
  }

  /** Submits what is queued. Whether the kernel took it all. */
  submit(): boolean {
    this.#words[this.#sqTail] = this.#tail;
    const taken = this.native.enter(this.#queued, 0, 0);
    const isAll = taken === this.#queued;
    this.#queued = 0;
    return isAll;
  }

  /** Hands up to `most` completions over. How many there were. */
  reap(most: number, take: (userData: number, result: number, flags: number) => void): number {
    const words = this.#words;
    const start = words[this.#cqHead] as number;
    const count = Math.min((Atomics.load(words, this.#cqTail) - start) | 0, most);
    for (let i = 0; i < count; i += 1) {
      const at = this.#cqes + ((start + i) & (this.native.cqEntries - 1)) * CQE_WORDS;
      take(words[at] as number, words[at + 2] as number, words[at + 3] as number);
    }
    if (count > 0) Atomics.store(words, this.#cqHead, (start + count) | 0);
    return count;
  }

  /** Memory that the kernel may be given, and where it is. */
  memory(byteLength: number): { readonly bytes: ArrayBuffer; readonly address: number } {
    const bytes = this.native.mapMemory(byteLength);
    return { bytes, address: this.#addon.addressOf(bytes) };
  }
}

const REGISTER_PBUF_RING = 22;

/** Buffers of group 0, of which the kernel takes one for each receive. */
export class BareBuffers {
  readonly #size: number;
  readonly #count: number;
  readonly #address: number;
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  readonly #halfWords: Uint16Array;
  #tail = 0;

  /** @param count a power of two */
  constructor(ring: BareRing, count: number, size: number) {
    const memory = ring.memory(count * size);
    const queue = ring.memory(count * 16);
    this.#size = size;
    this.#count = count;
    this.#address = memory.address;
    this.#bytes = Buffer.from(memory.bytes);
    this.#words = new Uint32Array(queue.bytes);
    this.#halfWords = new Uint16Array(queue.bytes);
    const argument = Uint32Array.of(queue.address, queue.address / TWO_TO_32, count, 0, 0, 0, 0, 0, 0, 0);
    if (ring.native.register(REGISTER_PBUF_RING, argument, 1) < 0) throw new Error('The kernel has no buffer rings');
    for (let id = 0; id < count; id += 1) this.give(id);
  }

  /** The bytes that were received into a buffer. */
  bytes(id: number, length: number): Buffer {
    return this.#bytes.subarray(id * this.#size, id * this.#size + length);
  }

  give(id: number): void {
    const index = this.#tail & (this.#count - 1);
    const address = this.#address + id * this.#size;
    this.#words[4 * index] = address;
    this.#words[4 * index + 1] = address / TWO_TO_32;
    this.#words[4 * index + 2] = this.#size;
    this.#halfWords[8 * index + 6] = id;
    this.#tail = (this.#tail + 1) & 0xffff;
    Atomics.store(this.#halfWords, 7, this.#tail);
  }
}
