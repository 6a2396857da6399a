import {
  asyncCancel,
  Entry,
  IORING_ASYNC_CANCEL_ALL,
  IORING_ASYNC_CANCEL_ANY,
  IORING_OP_ASYNC_CANCEL,
} from '@polyring/core';
import { Operation } from './operation.js';

function untold(): void {}

/** A cancellation. The cancelled operation's own completion tells what became of it. */
export class CancelOperation extends Operation {
  readonly entry: Entry;
  readonly #done: (result: number) => void;

  private constructor(entry: Entry, done: (result: number) => void) {
    super();
    this.entry = entry;
    this.#done = done;
  }

  /** Cancels what an entry is in flight for, and tells the result: a negative error number if it was not cancelled. */
  static told(target: Entry, done: (result: number) => void): CancelOperation {
    return new CancelOperation(asyncCancel(target), done);
  }

  /** Cancels whatever is in flight. */
  static ofAll(): CancelOperation {
    const opFlags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
    return new CancelOperation(Entry.unsafe({ opcode: IORING_OP_ASYNC_CANCEL, opFlags }), untold);
  }

  complete(result: number): void {
    this.#done(result);
  }
}
