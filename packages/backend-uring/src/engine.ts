import { nextTick } from 'node:process';
import {
  asyncCancel,
  closedError,
  Entry,
  IORING_ASYNC_CANCEL_ALL,
  IORING_ASYNC_CANCEL_ANY,
  IORING_CQE_F_MORE,
  IORING_OP_ASYNC_CANCEL,
  type LoopHold,
  opcodeName,
  PolyringError,
  systemError,
} from '@polyring/core';
import { ERRNO } from './abi.js';
import { Backlog } from './backlog.js';
import type { NativeRing } from './binding.js';
import { Operation } from './operation.js';
import { Ring } from './ring.js';
import { Slots } from './slots.js';
import { GENERATION_MASK, userDataHigh } from './user-data.js';

/**
 * Completions that may be delivered without the loop turning. Reads of cached files complete
 * inside enter, so a program that reads in a tight loop would otherwise never let the loop turn.
 * What is left after them is delivered from the loop's poll phase.
 */
const INLINE_COMPLETIONS = 256;

/** Milliseconds after which the end of a driver cancels again what was not cancelled. */
const CANCEL_AGAIN_AFTER = 10;

/** Milliseconds after which a submission that the kernel had no room for is tried again. */
const RETRY_AFTER = 1;

/** How many operations an error names. */
const SHOWN_OPERATIONS = 3;

/** What the engine asks of its driver. */
export interface EngineHost {
  readonly name: string;
  readonly hold: LoopHold;
  /** Queues what is only worth queueing once a tick. */
  beforeFlush(): void;
  /** Milliseconds that the end may take; Infinity for no limit. */
  readonly closeTimeout: number;
  /** Part of the drain that ends the driver: wakes everybody who waits for no operation. */
  wakeAll(): void;
  /** The engine has ended, and the ring's descriptor is about to be closed. */
  ended(): void;
  /** The kernel may still write to the driver's memory. */
  leaveMemory(): void;
}

/**
 * The way of an operation: `enqueue → flush → enter → drain → complete`.
 *
 * Everything queued in a tick is submitted by one enter, and what completed in it is delivered at once.
 */
export class Engine {
  readonly #native: NativeRing;
  readonly #ring: Ring;
  readonly #host: EngineHost;
  readonly #slots = new Slots();
  readonly #backlog = new Backlog();
  #scheduled = false;
  #draining = false;
  #inlineBudget = INLINE_COMPLETIONS;
  #failure: PolyringError | undefined;
  #closing: Closing | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(native: NativeRing, host: EngineHost) {
    this.#native = native;
    this.#ring = new Ring(native);
    this.#host = host;
  }

  /** How many operations are in flight. */
  get inFlight(): number {
    return this.#slots.used;
  }

  /** Whether the driver was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Whether operations are accepted. */
  get open(): boolean {
    return this.#closing === undefined && this.#failure === undefined;
  }

  /** The error of a ring that can no longer be used. Memory that it was given may still be written to. */
  get failure(): PolyringError | undefined {
    return this.#failure;
  }

  /** Throws ERR_POLYRING_CLOSED or ERR_POLYRING_RING_FAILED if no operation is accepted any more. */
  checkOpen(): void {
    if (this.#closing !== undefined) throw closedError(this.#host.name);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Queues an operation. It completes in a later drain, never before this returns. */
  enqueue(operation: Operation): void {
    if (this.#backlog.empty && this.#hasRoom(1)) this.#push(this.#occupy(operation));
    else this.#backlog.add(this.#occupy(operation));
    this.schedule();
  }

  /**
   * Queues operations that are linked by their `linkFlags`, so that one enter takes them all.
   *
   * @param operations no more than {@link longestChain}
   */
  enqueueChain(operations: readonly Operation[]): void {
    const direct = this.#backlog.empty && this.#hasRoom(operations.length);
    for (const [index, operation] of operations.entries()) {
      operation.chained = operations.length - index;
      this.#occupy(operation);
      if (direct) this.#push(operation);
      else this.#backlog.add(operation);
    }
    this.schedule();
  }

  /** How many operations one enter takes at the most. */
  get longestChain(): number {
    return this.#ring.size;
  }

  #occupy(operation: Operation): Operation {
    this.#slots.occupy(operation);
    const { entry, slot } = operation;
    entry.owner = this;
    entry.userDataLow = slot;
    entry.userDataHigh = userDataHigh(entry, this.#slots.generation(slot));
    return operation;
  }

  #push(operation: Operation): void {
    this.#ring.push(operation, operation.slot, operation.entry.userDataHigh);
  }

  /** Queues the cancellation of an operation in flight. Its terminal completion says what became of it. */
  cancel(operation: Operation): void {
    if (operation.inFlight) this.enqueue(new CancelOperation(asyncCancel(operation.entry)));
  }

  /** Cancels an operation and enters the kernel at once, so that on return the kernel has let go of its file. */
  cancelNow(operation: Operation): void {
    if (!operation.inFlight) return;
    this.cancel(operation);
    this.#submitAll();
  }

  /**
   * Has an operation told of what other rings complete for it. It counts as in flight until {@link unlisten}.
   *
   * @returns the user_data that such completions carry
   */
  listen(operation: Operation): number {
    this.#slots.occupyFresh(operation);
    return operation.slot;
  }

  /** Completions for the operation reach nobody any more. */
  unlisten(operation: Operation): void {
    if (operation.inFlight) this.#slots.vacate(operation);
  }

  /** Has everything queued submitted when the current tick's JavaScript, its promises included, has run. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Inside a drain the promises that it settles have not gone on yet; the end of the drain sees to it.
    if (!this.#draining) nextTick(this.#flush);
  }

  /** The loop says that the CQ is not empty. */
  readonly onReadable = (): void => {
    this.#inlineBudget = INLINE_COMPLETIONS;
    this.#drain();
  };

  /** See `DriverLifecycle.close`. Resolves when the kernel holds nothing; the ring is closed then. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = new Closing();
      this.#host.hold.hold();
      nextTick(this.#cancelEverything);
    }
    return this.#closing.promise;
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#failure !== undefined || this.#ended) return;
    this.#host.beforeFlush();
    let submitted = this.#submitAll();
    if (this.#inlineBudget > 0 || !submitted) this.#drain();
    if (!submitted) {
      submitted = this.#submitAll();
      if (!submitted && this.#failure === undefined) setTimeout(this.#retry, RETRY_AFTER);
    }
  };

  readonly #retry = (): void => {
    if (this.#failure === undefined) this.schedule();
  };

  /** Whether SQEs may be written. A full SQ is submitted first; nothing is drained, since wakers must not run here. */
  #hasRoom(count: number): boolean {
    if (this.#ring.room >= count) return true;
    this.#enter();
    return this.#ring.room >= count;
  }

  /** Submits the SQ and the backlog behind it. False if the kernel did not take everything. */
  #submitAll(): boolean {
    while (this.#enter()) {
      if (this.#backlog.empty) return true;
      let operation = this.#backlog.first;
      while (operation !== undefined && operation.chained <= this.#ring.room) {
        this.#backlog.take();
        this.#push(operation);
        operation = this.#backlog.first;
      }
    }
    return false;
  }

  /** Submits the SQ. False if the kernel did not take everything, for now (EAGAIN, EBUSY) or for ever. */
  #enter(): boolean {
    while (this.#ring.queued > 0) {
      const taken = this.#ring.submit();
      if (taken > 0 || taken === ERRNO.EINTR) continue;
      if (taken !== 0 && taken !== ERRNO.EAGAIN && taken !== ERRNO.EBUSY) this.#fail(taken);
      return false;
    }
    return true;
  }

  #drain(): void {
    if (this.#draining || this.#failure !== undefined || this.#ended) return;
    this.#asDrain(this.#deliver);
    if (this.#closing !== undefined && this.#slots.used === 0) nextTick(this.#end);
  }

  readonly #deliver = (): void => {
    let delivered = 0;
    do {
      delivered = this.#ring.reap(this.#complete);
      this.#inlineBudget -= delivered;
      if (!this.#ring.overflowed) return;
      const result = this.#ring.flushOverflow();
      if (result < 0 && result !== ERRNO.EINTR && result !== ERRNO.EAGAIN && result !== ERRNO.EBUSY) {
        this.#fail(result);
        return;
      }
    } while (delivered > 0 && this.#inlineBudget > 0);
  };

  /** Runs what may call wakers. It is never entered twice. */
  #asDrain(deliver: () => void): void {
    this.#draining = true;
    try {
      deliver();
    } finally {
      this.#draining = false;
    }
    // After the promises that were settled have gone on: they submit more.
    if (this.#scheduled) queueMicrotask(this.#flushAfterMicrotasks);
  }

  readonly #flushAfterMicrotasks = (): void => {
    nextTick(this.#flush);
  };

  readonly #complete = (slot: number, high: number, result: number, flags: number): void => {
    const operation = this.#slots.find(slot, high & GENERATION_MASK);
    if (operation === undefined) return;
    if ((flags & IORING_CQE_F_MORE) === 0) this.#vacate(operation);
    operation.complete(result, flags);
  };

  #vacate(operation: Operation): void {
    this.#slots.vacate(operation);
    operation.entry.owner = undefined;
  }

  /** The ring cannot be used any more. Everything in flight is told so, in a drain of its own. */
  #fail(errno: number): void {
    const lost =
      errno === ERRNO.EBADR ? 'The kernel lost completions of the ring' : 'The ring cannot be entered any more';
    this.#failure = new PolyringError('ERR_POLYRING_RING_FAILED', `${lost}. Close this driver and create a new one.`, {
      cause: systemError(errno, 'io_uring_enter'),
    });
    nextTick(() => {
      this.#asDrain(() => {
        this.#completeAll(this.#slots.all(), errno);
        this.#host.wakeAll();
      });
      if (this.#closing !== undefined) this.#end();
    });
  }

  readonly #cancelEverything = (): void => {
    if (this.#failure !== undefined) {
      this.#end();
      return;
    }
    this.#asDrain(() => {
      const unsubmitted: Operation[] = [];
      for (let operation = this.#backlog.take(); operation !== undefined; operation = this.#backlog.take()) {
        unsubmitted.push(operation);
      }
      this.#completeAll(unsubmitted, ERRNO.ECANCELED);
      this.#host.wakeAll();
    });
    this.#cancelAny();
    const { closeTimeout } = this.#host;
    if (closeTimeout !== Number.POSITIVE_INFINITY) this.#closeTimer = setTimeout(this.#giveUp, closeTimeout);
  };

  /** The driver ends without what the kernel has neither cancelled nor finished. */
  readonly #giveUp = (): void => {
    if (this.#failure !== undefined || this.#ended) return;
    const left = this.#slots.all();
    this.#failure = closeTimeoutError(left, this.#host.closeTimeout);
    this.#asDrain(() => this.#completeAll(left, ERRNO.ECANCELED));
    this.#end(this.#failure);
  };

  /** Cancels what is in flight, and again until nothing is: an operation may have been on its way to a kernel thread. */
  readonly #cancelAny = (): void => {
    if (this.#failure !== undefined || this.#ended) return;
    this.enqueue(
      new CancelOperation(
        Entry.unsafe({
          opcode: IORING_OP_ASYNC_CANCEL,
          opFlags: IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
        }),
      ),
    );
    this.#cancelTimer = setTimeout(this.#cancelAny, CANCEL_AGAIN_AFTER);
  };

  #completeAll(operations: readonly Operation[], errno: number): void {
    for (const operation of operations) {
      this.#vacate(operation);
      operation.complete(errno, 0);
    }
  }

  readonly #end = (trouble?: Error): void => {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#cancelTimer);
    clearTimeout(this.#closeTimer);
    this.#host.hold.release();
    this.#host.ended();
    if (this.#failure === undefined) this.#native.close();
    else if (!this.#native.abandon()) this.#host.leaveMemory();
    this.#closing?.end(trouble);
  };
}

/** The promise of a driver's end. */
class Closing {
  readonly promise: Promise<void>;
  #resolve = (): void => {};
  #reject = (_error: Error): void => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  end(trouble: Error | undefined): void {
    if (trouble === undefined) this.#resolve();
    else this.#reject(trouble);
  }
}

/** The error of a driver whose operations the kernel did not let go of in time. */
function closeTimeoutError(operations: readonly Operation[], milliseconds: number): PolyringError {
  const names = operations
    .filter((operation) => !(operation instanceof CancelOperation))
    .map(({ entry }) => `${opcodeName(entry.opcode)}${entry.fd >= 0 ? ` on descriptor ${entry.fd}` : ''}`);
  const shown = names.slice(0, SHOWN_OPERATIONS).join(', ');
  const more = names.length > SHOWN_OPERATIONS ? ` and ${names.length - SHOWN_OPERATIONS} more` : '';
  return new PolyringError(
    'ERR_POLYRING_CLOSE_TIMEOUT',
    `The kernel has neither finished nor cancelled ${shown}${more} within ${milliseconds} ms. What they use is kept until ` +
      'it does, or until the environment ends. Find out what they wait for, or raise the option "closeTimeout".',
  );
}

/** A cancellation that nobody asks about: the cancelled operation's own completion tells. */
class CancelOperation extends Operation {
  readonly entry: Entry;

  constructor(entry: Entry) {
    super();
    this.entry = entry;
  }

  complete(): void {}
}
