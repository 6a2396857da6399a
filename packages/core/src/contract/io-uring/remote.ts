import type { Referenced } from '../reference.js';

/**
 * What another thread needs to wake a driver: plain data, to be sent by `postMessage` or `workerData`.
 *
 * It stays valid until the inbox or its driver is closed, or the environment of that driver ends; then nothing
 * that was sent to it reaches anybody, also where the ring's descriptor number was used again.
 */
export interface RemoteHandle {
  /** The descriptor of the ring, as its own thread knows it. */
  readonly fd: number;
  /** What completions for the inbox carry. */
  readonly userData: number;
  /** Tells this inbox from every other that had, or will have, the same state. */
  readonly generation: number;
  /** One shared word: the generation for as long as the inbox is there, 0 after that. */
  readonly state: Int32Array;
}

/** Is told of a wake in the driver's drain, with the value that came with it. */
export type RemoteListener = (value: number) => void;

/**
 * Where wakes of other threads arrive. It keeps the process alive, as a `MessagePort` that is listened to, until it is
 * disposed of or unreferenced.
 *
 * It is its own handle: sent to another thread it arrives as a {@link RemoteHandle}.
 */
export interface RemoteInbox extends RemoteHandle, Disposable, Referenced {}

/** A driver's way to an inbox of another driver, usually of another thread. It ends with the driver. */
export interface Remote extends Disposable {
  /**
   * Wakes the inbox's thread and has its listener called with a value. Wakes of one driver arrive in order.
   *
   * @param value an integer of 32 bits, signed; 0 by default
   * @returns resolves when the wake stands in the other ring's completion queue, where it cannot get lost
   * but by that driver's end
   * @throws (rejects) ERR_POLYRING_REMOTE_GONE when the inbox is not there any more; EOVERFLOW when the kernel has no
   * memory for what the other thread has not taken: send again later; ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  wake(value?: number): Promise<void>;
}
