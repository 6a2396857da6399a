import {
  Entry,
  IORING_CQE_F_MORE,
  IORING_MSG_RING_FLAGS_PASS,
  IORING_OP_MSG_RING,
  opcodeSyscall,
  type RawFd,
  type RemoteHandle,
  systemError,
} from '@polyring/core';
import { Operation } from '../engine/operation.js';

/** Who is told when the kernel has let go of a wake; of an error if it could not be delivered. */
export type WakeSink = (error: Error | undefined) => void;

/** A value on its way to the inbox of another ring. */
export class Wake extends Operation {
  readonly entry: Entry;
  readonly #sink: WakeSink;

  constructor(entry: Entry, sink: WakeSink) {
    super();
    this.entry = entry;
    this.#sink = sink;
  }

  complete(result: number): void {
    this.#sink(result < 0 ? systemError(result, opcodeSyscall(IORING_OP_MSG_RING)) : undefined);
  }
}

/** The entry that has a value told to an inbox: its completion there says that more may come. */
export function wakeEntry(ring: RawFd, { userData }: RemoteHandle, value: number): Entry {
  return Entry.unsafe({
    opcode: IORING_OP_MSG_RING,
    fd: ring,
    off: userData,
    len: value,
    opFlags: IORING_MSG_RING_FLAGS_PASS,
    fileIndex: IORING_CQE_F_MORE,
  });
}
