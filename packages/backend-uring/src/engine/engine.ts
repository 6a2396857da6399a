import { setImmediate, setTimeout } from 'node:timers';
import {
  behindMicrotasks,
  closedError,
  type Entry,
  Errno,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_OP_POLL_REMOVE,
  IORING_OP_SEND_ZC,
  IORING_OP_SENDMSG_ZC,
  IORING_POLL_UPDATE_EVENTS,
  type LoopHold,
  PolyringError,
  systemError,
  TOLD_A_TURN,
} from '@polyring/core';
import type { NativeRing } from '../kernel/binding.js';
import { CancelOperation } from './cancel-operation.js';
import { Closing } from './closing.js';
import { CompletionQueue } from './completion-queue.js';
import type { Operation } from './operation.js';
import { Ring } from './ring.js';
import { Slots } from './slots.js';
import { SubmissionQueue } from './submission-queue.js';
import { GENERATION_MASK, IS_RECEIVE, IS_SEND, userDataHigh } from './user-data.js';

const { EAGAIN, EBADR, EBUSY, ECANCELED, EINTR } = Errno;

// Taken once, as it is called once a tick; and not imported, as that would open the standard streams, which takes 10 ms and more.
const { nextTick } = process;

/** Completions that are told before the promises that they settle go on. A step between groups costs as much as a NOP. */
const TOLD_TOGETHER = 32;

/** Completions from which on whoever was told of one is likely to have company in what he queues next. */
const CROWD = 4;

/** How often what cannot wait is submitted if the kernel has no room for it. */
const URGENT_TRIES = 5;

/** Milliseconds after which a submission that the kernel had no room for is tried again. */
const RETRY_AFTER = 1;

/** Milliseconds after which what was not cancelled is cancelled again, at first and at the most. */
const CANCEL_AGAIN_AFTER = 1;
const LONGEST_CANCEL_PAUSE = 10_000;

/** The bits of a poll that a change replaces; those above say how it waits. */
const POLL_EVENTS = 0xffff;

/** Operations that are over when they are notified of, after their result. */
const NOTIFYING = new Set([IORING_OP_SEND_ZC, IORING_OP_SENDMSG_ZC]);

function untold(): void {}

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
  /** The kernel holds nothing any more, and the ring's descriptor is about to be closed. */
  ended(): void;
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
  readonly #queue: SubmissionQueue;
  readonly #completions: CompletionQueue;
  /** Something is to be flushed; `#booked` once it is settled when. */
  #scheduled = false;
  #booked = false;
  #draining = false;
  /** Completions of the CQ are being told of. */
  #telling = false;
  readonly #behindTold: (() => void)[] = [];
  /**
   * Completions that may be told of before the loop turns. Reads of cached files complete inside enter, so a program that
   * reads in a tight loop would otherwise never let it turn. What is left is told of in the loop's poll phase.
   */
  #inlineBudget = TOLD_A_TURN;
  /** The loop is to turn for what it does not report. */
  #turning = false;
  /** Completions that were told since the last enter, or since the loop turned. */
  #told = 0;
  #failure: PolyringError | undefined;
  #closing: Closing | undefined;
  #ended = false;

  constructor(native: NativeRing, host: EngineHost) {
    this.#native = native;
    this.#ring = new Ring(native);
    this.#queue = new SubmissionQueue(this.#ring, (errno) => this.#fail(errno));
    this.#completions = new CompletionQueue(native, this.#slots);
    this.#host = host;
  }

  /** Where descriptors live that end with the ring, however its environment ends. */
  get descriptors(): Pick<NativeRing, 'adopt' | 'closeAdopted'> {
    return this.#native;
  }

  /** Whether what is queued now is likely to have company in its enter. */
  get crowded(): boolean {
    return this.#told >= CROWD || this.#ring.queued > 0;
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

  /** Why no operation is accepted any more: ERR_POLYRING_CLOSED, ERR_POLYRING_RING_FAILED. */
  get refusal(): PolyringError | undefined {
    return this.#closing === undefined ? this.#failure : closedError(this.#host.name);
  }

  /** Whether the kernel did not take all that was queued when it was asked last: for now, or for ever. */
  get heldUp(): boolean {
    return this.#queue.refusal < 0;
  }

  /** Throws ERR_POLYRING_CLOSED or ERR_POLYRING_RING_FAILED if no operation is accepted any more. */
  checkOpen(): void {
    const { refusal } = this;
    if (refusal !== undefined) throw refusal;
  }

  /** Queues an operation. It completes in a later drain, never before this returns. */
  enqueue(operation: Operation): void {
    this.#queue.add(this.#occupy(operation));
    this.schedule();
  }

  /**
   * Queues operations that are linked by their `linkFlags`, so that one enter takes them all.
   *
   * @param operations no more than {@link longestChain}
   */
  enqueueChain(operations: readonly Operation[]): void {
    for (const operation of operations) this.#occupy(operation);
    this.#queue.addChain(operations);
    this.schedule();
  }

  /** How many operations one enter takes at the most. */
  get longestChain(): number {
    return this.#queue.longestChain;
  }

  #occupy(operation: Operation): Operation {
    this.#slots.occupy(operation);
    const { entry, slot } = operation;
    entry.owner = this;
    entry.userDataLow = slot;
    const high = userDataHigh(operation, this.#slots.generation(slot));
    entry.userDataHigh = high;
    if ((high & (IS_SEND | IS_RECEIVE)) !== 0) this.#slots.setSocket(slot, entry.fd);
    return operation;
  }

  /**
   * Queues the cancellation of an operation in flight. Its terminal completion says what became of it.
   *
   * @param over no cancellation of it is under way any more
   */
  cancel(operation: Operation, over = untold): void {
    if (operation.inFlight) this.#cancel(operation, CANCEL_AGAIN_AFTER, over);
  }

  /**
   * What a worker of the kernel is just doing may go on to wait for its file all the same, where only another cancel finds
   * it (Linux 6.18).
   *
   * @param pause milliseconds before it is cancelled again, and twice as many the next time: some work ends by itself only
   */
  #cancel(operation: Operation, pause: number, over: () => void): void {
    const { slot } = operation;
    const generation = this.#slots.generation(slot);
    const goesOn = (): boolean => this.open && this.#slots.find(slot, generation) === operation;
    const again = (): void => {
      if (goesOn()) this.#cancel(operation, Math.min(2 * pause, LONGEST_CANCEL_PAUSE), over);
      else over();
    };
    const told = (result: number): void => {
      if (result < 0 && goesOn()) setTimeout(again, pause).unref();
      else over();
    };
    this.enqueue(CancelOperation.told(operation.entry, told));
  }

  /** Cancels an operation and enters the kernel at once, so that on return the kernel has let go of its file. */
  cancelNow(operation: Operation): void {
    if (!operation.inFlight) return;
    this.cancel(operation);
    if (this.submitNow()) return;
    // Its descriptor may be closed from now on, and the number be another file's when the kernel takes it.
    if (this.#queue.disarm(operation)) this.#completeAll([operation], ECANCELED);
  }

  /**
   * Hands what is queued to the kernel at once. What completes by that is told of later, as ever.
   *
   * @returns false if the kernel has no room for it: it stays queued, and is submitted with the next flush
   */
  submitNow(): boolean {
    for (let tries = 0; tries < URGENT_TRIES && this.#failure === undefined; tries += 1) {
      if (this.#queue.submitAll()) return true;
    }
    return false;
  }

  /** What an operation in flight has completed with, if it has. Its completion is told of later, as ever. */
  resultOf({ entry }: Operation): number | undefined {
    return this.#completions.resultOf(entry.userDataLow, entry.userDataHigh);
  }

  /** Runs a task behind the completions that are being told of just now; at once if none are. */
  behindTold(task: () => void): void {
    if (this.#telling) this.#behindTold.push(task);
    else task();
  }

  /** Says that as many were told of something as by so many completions: one expiry of the kernel's timer is thousands of timers. */
  toldMore(count: number): void {
    this.#inlineBudget -= count;
  }

  /**
   * Has an operation told of what other rings complete for it. It counts as in flight until {@link unlisten}.
   *
   * @returns the user_data that such completions carry
   */
  listen(operation: Operation): number {
    return this.#slots.occupyYoung(operation);
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
    if (!this.#draining) this.#book();
  }

  readonly #book = (): void => {
    if (this.#booked) return;
    this.#booked = true;
    nextTick(this.#flush);
  };

  /** The loop says that the CQ is not empty. */
  readonly onReadable = (): void => {
    // Everybody was told of the failure, and what completes still would be reported again and again.
    if (this.#ended || this.#failure !== undefined) {
      if (this.#native.settled() && this.#ended) this.#closeRing();
      return;
    }
    this.#inlineBudget = TOLD_A_TURN;
    this.#told = 0;
    this.#drain();
  };

  /** See `DriverLifecycle.close`. Resolves when the kernel holds nothing; the ring is closed then. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = new Closing(this.#host.closeTimeout);
      this.#host.hold.hold();
      nextTick(this.#cancelEverything);
    }
    return this.#closing.promise;
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    this.#booked = false;
    if (this.#failure !== undefined || this.#ended) return;
    this.#told = 0;
    this.#host.beforeFlush();
    if (this.#queue.submitAll()) {
      this.#drainInline();
      return;
    }
    const budget = this.#inlineBudget;
    this.#drain();
    // What was reaped makes room in the CQ.
    if (this.#inlineBudget < budget) this.schedule();
    else if (this.#failure === undefined) setTimeout(this.#retry, RETRY_AFTER);
  };

  readonly #retry = (): void => {
    if (this.#failure === undefined) this.schedule();
  };

  #drain(): void {
    if (this.#draining || this.#failure !== undefined || this.#ended) return;
    this.#asDrain(this.#deliver);
    if (this.#closing !== undefined && this.#slots.used === 0) nextTick(this.#end);
  }

  /** Drains unless the loop has to turn first: it reports a CQ that is not empty. */
  readonly #drainInline = (): void => {
    if (this.#inlineBudget > 0) this.#drain();
    else if (this.#completions.leftAside && !this.#turning) {
      this.#turning = true;
      setImmediate(this.#turned);
    }
  };

  /** The loop has turned, though it had nothing to report. */
  readonly #turned = (): void => {
    this.#turning = false;
    if (!this.#ended) this.onReadable();
  };

  readonly #deliver = (): void => {
    let delivered = 0;
    do {
      delivered = this.#tell();
      this.#told += delivered;
      this.#inlineBudget -= delivered;
      if (this.#completions.left) {
        behindMicrotasks(this.#drainInline);
        return;
      }
      if (!this.#ring.overflowed) return;
      const result = this.#ring.flushOverflow();
      if (result < 0 && result !== EINTR && result !== EAGAIN && result !== EBUSY) {
        this.#fail(result);
        return;
      }
    } while (delivered > 0 && this.#inlineBudget > 0);
  };

  #tell(): number {
    this.#telling = true;
    const told = this.#completions.reap(this.#complete, TOLD_TOGETHER);
    this.#telling = false;
    if (this.#behindTold.length > 0) {
      for (const task of this.#behindTold.splice(0)) task();
    }
    return told;
  }

  /** Runs what may call wakers. It is never entered twice. */
  #asDrain(deliver: () => void): void {
    this.#draining = true;
    try {
      deliver();
    } finally {
      this.#draining = false;
    }
    // After the promises that were settled have gone on: they submit more.
    if (this.#scheduled && !this.#booked) behindMicrotasks(this.#book);
  }

  readonly #complete = (slot: number, high: number, result: number, flags: number): boolean => {
    const generation = high & GENERATION_MASK;
    const operation = this.#slots.find(slot, generation);
    if (operation === undefined) return false;
    const over = (flags & IORING_CQE_F_MORE) === 0;
    if (over) {
      if (result < 0) this.#overByError(operation, generation, flags);
      else if (operation.entry.opcode === IORING_OP_POLL_REMOVE) this.#pollChanged(operation.entry);
      this.#vacate(operation);
    }
    operation.complete(result, flags);
    return over;
  };

  /** What a multishot poll was changed to wait for is what its further runs wait for as well. */
  #pollChanged({ len, opFlags, target }: Entry): void {
    if ((len & IORING_POLL_UPDATE_EVENTS) === 0 || target?.owner !== this) return;
    const poll = this.#slots.find(target.userDataLow, target.userDataHigh & GENERATION_MASK);
    if (poll !== undefined) poll.changedEvents = (target.opFlags & ~POLL_EVENTS) | (opFlags & POLL_EVENTS);
  }

  /** A linked send that is cancelled with its chain is notified of all the same (Linux 6.18): after it was over. */
  #overByError({ entry, slot }: Operation, generation: number, flags: number): void {
    if ((flags & IORING_CQE_F_NOTIF) === 0 && NOTIFYING.has(entry.opcode)) this.#native.expectStray(slot, generation);
  }

  #vacate(operation: Operation): void {
    this.#slots.vacate(operation);
    operation.entry.owner = undefined;
  }

  /** The ring cannot be used any more. Everything in flight is told so, in a drain of its own. */
  #fail(errno: number): void {
    const lost = errno === EBADR ? 'The kernel lost completions of the ring' : 'The ring cannot be entered any more';
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
      this.#completeAll(this.#queue.takeBacklog(), ECANCELED);
      this.#host.wakeAll();
    });
    this.#closing?.wait(this.#cancelAny, this.#giveUp);
  };

  /** The driver ends without what the kernel has neither cancelled nor finished. */
  readonly #giveUp = (): void => {
    if (this.#failure !== undefined || this.#ended) return;
    const left = this.#slots.all();
    this.#failure = (this.#closing as Closing).timeoutError(left, this.#queue.refusal);
    this.#asDrain(() => this.#completeAll(left, ECANCELED));
    this.#end(this.#failure);
  };

  readonly #cancelAny = (): void => {
    if (this.#failure === undefined && !this.#ended) this.enqueue(CancelOperation.ofAll());
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
    this.#host.hold.release();
    // What the kernel does not let go of at once keeps the ring, the watch of its completions, and by that the memory.
    if (this.#failure === undefined || this.#native.abandon()) this.#closeRing();
    this.#closing?.end(trouble);
  };

  #closeRing(): void {
    this.#host.ended();
    this.#native.close();
  }
}
