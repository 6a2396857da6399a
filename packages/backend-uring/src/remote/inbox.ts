import {
  Activity,
  Entry,
  IORING_CQE_F_MORE,
  IORING_OP_MSG_RING,
  type LoopHold,
  type RemoteInbox,
  type RemoteListener,
  throwUncaught,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import { Operation } from '../engine/operation.js';
import type { NativeRing } from '../kernel/binding.js';

/** What an inbox needs of its driver. */
export interface InboxParts {
  readonly engine: Engine;
  readonly native: Pick<NativeRing, 'fd' | 'share' | 'unshare'>;
  readonly hold: LoopHold;
  closed(inbox: Inbox): void;
}

/** Where wakes of other rings arrive. Its own fields are all that a clone has: those of a handle. */
export class Inbox extends Activity implements RemoteInbox {
  readonly fd: number;
  readonly userData: number;
  readonly generation: number;
  readonly state: Int32Array;
  readonly #parts: InboxParts;
  readonly #arrival: Arrival;

  constructor(generation: number, listener: RemoteListener, parts: InboxParts) {
    super(parts.hold);
    const { engine, native } = parts;
    this.#parts = parts;
    this.#arrival = new Arrival(listener, () => this.close());
    this.generation = generation;
    this.fd = native.fd;
    this.state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(generation);
    // The addon says that it has gone where JavaScript no longer can: when the environment ends.
    native.share(this.state);
    this.userData = engine.listen(this.#arrival);
    this.active = true;
  }

  close(): void {
    if (!this.end()) return;
    const { engine, native } = this.#parts;
    Atomics.store(this.state, 0, 0);
    native.unshare(this.state);
    engine.unlisten(this.#arrival);
    this.active = false;
    this.#parts.closed(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * An operation that is never submitted, and that only other rings complete.
 *
 * Each wake says that more follow (IORING_CQE_F_MORE), so that nobody takes it for the terminal completion of an
 * operation of this ring: the end of the environment counts those.
 */
class Arrival extends Operation {
  readonly entry = Entry.unsafe({ opcode: IORING_OP_MSG_RING });
  readonly #listener: RemoteListener;
  readonly #failed: () => void;

  constructor(listener: RemoteListener, failed: () => void) {
    super();
    this.#listener = listener;
    this.#failed = failed;
  }

  complete(value: number, flags: number): void {
    if ((flags & IORING_CQE_F_MORE) === 0) {
      this.#failed();
      return;
    }
    try {
      this.#listener(value);
    } catch (error) {
      throwUncaught(error);
    }
  }
}
