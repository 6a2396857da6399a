import {
  checkInteger,
  type Entry,
  Errno,
  type LoopHold,
  PolyringError,
  type RawFd,
  type Sender,
  type SendSink,
  sendEntry,
  throwUncaught,
} from '@polyring/core';
import type { Engine } from './engine/engine.js';
import { isInterrupted } from './engine/interrupted.js';
import { Operation } from './engine/operation.js';
import type { Block } from './memory/block.js';
import { copyPartIn } from './memory/bounce.js';
import type { Pool } from './memory/pool.js';

/** What senders need of the driver. */
export interface SenderParts {
  readonly engine: Engine;
  readonly pool: Pool;
  readonly hold: LoopHold;
}

/** One SEND after the other, by one operation. */
export class RingSender extends Operation implements Sender {
  override entry: Entry;
  readonly #parts: SenderParts;
  readonly #sink: SendSink;
  #block: Block | undefined;
  /** The send in flight, or the last one, is over when all was sent. */
  #whole = true;
  /** The entry of a send that is being cancelled. */
  #cancelling: Entry | undefined;

  constructor(socket: RawFd, sink: SendSink, parts: SenderParts) {
    super();
    this.entry = sendEntry(socket, 0, true);
    this.address = 0;
    this.#parts = parts;
    this.#sink = sink;
  }

  get together(): boolean {
    return this.#parts.engine.crowded;
  }

  send(view: ArrayBufferView, offset: number, length: number, whole: boolean): void {
    const { engine, pool, hold } = this.#parts;
    if (this.inFlight) {
      throw new PolyringError(
        'ERR_POLYRING_ENTRY_IN_FLIGHT',
        'A send of this sender is in flight. Start the next one when its sink was told of this.',
      );
    }
    engine.checkOpen();
    checkInteger(offset, 'offset', 0, Number.MAX_SAFE_INTEGER);
    checkInteger(length, 'length', 1, Number.MAX_SAFE_INTEGER);
    const block = pool.take(length);
    try {
      copyPartIn(block, view, offset, length);
    } catch (error) {
      pool.give(block);
      throw error;
    }
    // A cancellation that is under way keeps the entry that it is for.
    if (this.entry.len !== length || this.#whole !== whole || this.#cancelling !== undefined) {
      this.entry = sendEntry(this.entry.fd, length, whole);
      this.#whole = whole;
    }
    this.#block = block;
    this.address = block.address;
    engine.enqueue(this);
    hold.hold();
  }

  flush(): number | undefined {
    if (!this.inFlight) return undefined;
    const { engine } = this.#parts;
    engine.submitNow();
    return engine.resultOf(this);
  }

  cancel(): void {
    if (!this.inFlight || this.#cancelling === this.entry) return;
    const { entry } = this;
    this.#cancelling = entry;
    this.#parts.engine.cancel(this, () => {
      if (this.#cancelling === entry) this.#cancelling = undefined;
    });
  }

  complete(result: number): void {
    const { engine, pool, hold } = this.#parts;
    const { failure } = engine;
    hold.release();
    // After a failure the kernel may still read the block: it is left behind.
    if (failure === undefined) pool.give(this.#block as Block);
    this.#block = undefined;
    try {
      if (failure !== undefined) this.#sink.failed(failure);
      else this.#sink.sent(isInterrupted(result) ? Errno.ECANCELED : result);
    } catch (thrown) {
      throwUncaught(thrown);
    }
  }

  static {
    Object.assign(RingSender.prototype, { ofSender: true });
  }
}
