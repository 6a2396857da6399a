import {
  asyncCancel,
  Entry,
  IORING_ASYNC_CANCEL_ALL,
  IORING_ASYNC_CANCEL_ANY,
  IORING_OP_ASYNC_CANCEL,
} from '@polyring/core';
import { Operation } from './operation.js';

/** A cancellation that nobody asks about: the cancelled operation's own completion tells. */
export class CancelOperation extends Operation {
  readonly entry: Entry;

  constructor(entry: Entry) {
    super();
    this.entry = entry;
  }

  /** Cancels one operation. */
  static of({ entry }: Operation): CancelOperation {
    return new CancelOperation(asyncCancel(entry));
  }

  /** Cancels whatever is in flight. */
  static ofAll(): CancelOperation {
    const opFlags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
    return new CancelOperation(Entry.unsafe({ opcode: IORING_OP_ASYNC_CANCEL, opFlags }));
  }

  complete(): void {}
}
