import { createRequire } from 'node:module';
import { flag, invalidArgType, invalidArgValue, outOfRange, PolyringError, partOf, type RawFd } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { checkViewRange } from '../arguments/view-range.js';
import { type SignalName, signalName, signalNumber } from './signal-name.js';

/** A signal that was read from a signalfd. */
export interface SignalInfo {
  /** The signal's name. */
  readonly signal: SignalName;
  /** The sending process; 0 if there is none. */
  readonly pid: number;
  /** The user of the sending process. */
  readonly uid: number;
  /** The integer that sigqueue(3) sent along. */
  readonly value: number;
}

/** The bytes of one signal: the size of `struct signalfd_siginfo`. */
export const SIGNALFD_SIGINFO_SIZE = 128;

/** SIGKILL, SIGSTOP, and the two that the C library keeps for itself: it leaves them out of every set. */
const UNCATCHABLE: ReadonlySet<number> = new Set([9, 19, 32, 33]);

/**
 * Makes a descriptor that signals of this process are read from, close-on-exec (signalfd(2)).
 *
 * From then on the signals have no other effect, also after the descriptor was closed: they are blocked in
 * the main thread, and threads of Node.js that the kernel picks instead pass them on to it. Do not add or remove
 * listeners of `process.on()` for the same signal meanwhile: the first would take it away, and without the last it may
 * end the process. {@link restoreSignals} undoes it. Signals belong to the main thread, as in Node.js, and only there the
 * descriptor is readable.
 *
 * @param signals names or numbers, at least one
 * @param options `nonblock`: O_NONBLOCK, default true
 * @throws ERR_POLYRING_UNSUPPORTED in a worker; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; EMFILE, ENFILE
 */
export function signalfd(
  signals: readonly (SignalName | number)[],
  options: { readonly nonblock?: boolean | undefined } = {},
): RawFd {
  return succeeded(native.signalfd(numbersOf(signals), flag(options, 'nonblock', true)), 'signalfd');
}

/**
 * Gives signals the effect back that they had before {@link signalfd}, such as that of `process.on()`, and discards those
 * that wait to be read.
 *
 * @throws ERR_POLYRING_UNSUPPORTED in a worker; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function restoreSignals(signals: readonly (SignalName | number)[]): void {
  succeeded(native.restoreSignals(numbersOf(signals)), 'sigaction');
}

/**
 * The signals of a buffer that was read from a signalfd.
 *
 * @param length how many bytes were read; default all
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function parseSignals(buffer: ArrayBufferView, length?: number): SignalInfo[] {
  const end = checkViewRange(buffer, 0, length);
  // A DataView whose buffer was shrunk does not tell where it is.
  if (end === 0) return [];
  const { buffer: memory, byteOffset } = partOf(buffer, 0, end);
  const fields = new DataView(memory, byteOffset, end);
  const signals: SignalInfo[] = [];
  for (let at = 0; at + SIGNALFD_SIGINFO_SIZE <= end; at += SIGNALFD_SIGINFO_SIZE) {
    signals.push({
      signal: signalName(fields.getUint32(at, true)),
      pid: fields.getUint32(at + 12, true),
      uid: fields.getUint32(at + 16, true),
      value: fields.getInt32(at + 44, true),
    });
  }
  return signals;
}

function numbersOf(signals: unknown): number[] {
  // Loaded here, as it takes as long to load as the rest of this package, which most programs have no signals of.
  const { isMainThread } = createRequire(import.meta.url)(
    'node:worker_threads',
  ) as typeof import('node:worker_threads');
  if (!isMainThread) {
    throw new PolyringError('ERR_POLYRING_UNSUPPORTED', 'Signals belong to the main thread. Read them there.');
  }
  if (!Array.isArray(signals)) throw invalidArgType('signals', 'an instance of Array', signals);
  if (signals.length === 0) throw outOfRange('signals.length', '>= 1', signals.length);
  // Not map(), which passes over what an array has no element for.
  return Array.from(signals, (signal, index) => {
    const name = `signals[${index}]`;
    const number = signalNumber(signal, name);
    if (number === 0 || UNCATCHABLE.has(number)) {
      throw (typeof signal === 'number' ? outOfRange : invalidArgValue)(name, 'a signal that can be caught', signal);
    }
    return number;
  });
}
