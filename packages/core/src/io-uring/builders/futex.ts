import { types } from 'node:util';
import { checkInteger, checkObject, invalidArgType, outOfRange } from '../../errors/argument-error.js';
import { type AttachedBytes, type Pointer, readStruct } from '../attachment.js';
import { Entry, MemoryAccess } from '../entry.js';
import { IORING_OP_FUTEX_WAIT, IORING_OP_FUTEX_WAITV, IORING_OP_FUTEX_WAKE } from '../opcodes.js';
import { requireBits, requireCount } from './check.js';

/** A futex word: the first element of a view of memory of `driver.allocate`. */
export type FutexWord = Int32Array | Uint32Array;

/** Whom a wait listens to, or a wake wakes. */
export interface FutexOptions {
  /** Bits of which a waiter and its waker must share one. All by default. */
  readonly mask?: number | undefined;
}

/** One of several futex words that are waited for. */
export interface FutexWaiter {
  readonly word: FutexWord;
  /** What stands in the word as long as there is something to wait for. */
  readonly expected: number;
}

/** FUTEX2_SIZE_U32 and FUTEX2_PRIVATE of `<linux/futex.h>`: words of 32 bits in memory of this process. */
const FLAGS = 0x02 | 0x80;
const WORD_SIZE = 4;
const MATCH_ANY = 0xffffffff;

/** `struct futex_waitv`: val, uaddr, flags, reserved; and the most of them. */
const WAITV_SIZE = 24;
const WAITV_ADDRESS = 8;
const WAITV_FLAGS = 16;
const MAXIMUM_WAITERS = 128;

/** An address is what a futex is about, so a copy of the word would be another futex. */
function wordOf(word: FutexWord, name: string): AttachedBytes {
  if (!types.isInt32Array(word) && !types.isUint32Array(word)) {
    throw invalidArgType(name, 'an Int32Array or a Uint32Array', word);
  }
  if (word.length === 0) throw outOfRange(`${name}.length`, 'at least 1', 0);
  return { kind: 'bytes', view: word, length: WORD_SIZE, access: MemoryAccess.KernelReads, inPlaceOnly: true };
}

function expectedOf(expected: number, name: string): number {
  checkInteger(expected, name, -(2 ** 31), 2 ** 32 - 1);
  return expected >>> 0;
}

function maskOf(options: FutexOptions): number {
  checkObject(options);
  const { mask = MATCH_ANY } = options;
  requireBits(mask, 'options.mask');
  if (mask === 0) throw outOfRange('options.mask', '> 0', mask);
  return mask;
}

/**
 * Waits until a futex is woken, as futex(2) with FUTEX_WAIT_BITSET does, without blocking the thread.
 *
 * Resolves to 0 when it was woken. Rejects with EAGAIN if the word holds something else already, and with
 * ERR_INVALID_ARG_TYPE for a word outside of the driver's memory: that memory is not shared between threads, so
 * waiters and wakers are rings of one thread. `Atomics.wait` and `Atomics.notify` know nothing of futexes.
 * Linux 6.7; io_uring_enter(2), IORING_OP_FUTEX_WAIT.
 *
 * @param word in memory of `driver.allocate`
 * @param expected what stands in the word as long as there is something to wait for
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function futexWait(word: FutexWord, expected: number, options: FutexOptions = {}): Entry {
  return Entry.unsafe({
    opcode: IORING_OP_FUTEX_WAIT,
    fd: FLAGS,
    off: expectedOf(expected, 'expected'),
    addr3: maskOf(options),
    attached: { addr: wordOf(word, 'word') },
  });
}

/**
 * Wakes waiters of a futex, as futex(2) with FUTEX_WAKE_BITSET.
 *
 * Resolves to how many were woken. Linux 6.7; io_uring_enter(2), IORING_OP_FUTEX_WAKE.
 *
 * @param word as for {@link futexWait}
 * @param count the most waiters to wake
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function futexWake(word: FutexWord, count = 1, options: FutexOptions = {}): Entry {
  requireCount(count, 'count');
  return Entry.unsafe({
    opcode: IORING_OP_FUTEX_WAKE,
    fd: FLAGS,
    off: count,
    addr3: maskOf(options),
    attached: { addr: wordOf(word, 'word') },
  });
}

/**
 * Waits until one of several futexes is woken, as futex_waitv(2).
 *
 * Resolves to the index of a futex that was woken. Rejects as {@link futexWait}.
 * Linux 6.7; io_uring_enter(2), IORING_OP_FUTEX_WAITV.
 *
 * @param waiters 1 to 128 words
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function futexWaitv(waiters: readonly FutexWaiter[]): Entry {
  if (!Array.isArray(waiters)) throw invalidArgType('waiters', 'an instance of Array', waiters);
  checkInteger(waiters.length, 'waiters.length', 1, MAXIMUM_WAITERS);
  const fields = new DataView(new ArrayBuffer(waiters.length * WAITV_SIZE));
  const pointers = Array.from(waiters, (waiter: FutexWaiter, index): Pointer => {
    checkObject(waiter, `waiters[${index}]`);
    const { word, expected } = waiter;
    const at = index * WAITV_SIZE;
    fields.setBigUint64(at, BigInt(expectedOf(expected, `waiters[${index}].expected`)), true);
    fields.setUint32(at + WAITV_FLAGS, FLAGS, true);
    return { at: at + WAITV_ADDRESS, to: wordOf(word, `waiters[${index}].word`) };
  });
  return Entry.unsafe({
    opcode: IORING_OP_FUTEX_WAITV,
    fd: 0,
    len: waiters.length,
    attached: { addr: readStruct(new Uint8Array(fields.buffer), pointers) },
  });
}
