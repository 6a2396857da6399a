import { setTimeout } from 'node:timers';
import {
  Activity,
  type CompletionSink,
  type Entry,
  Errno,
  IORING_CQE_F_MORE,
  IORING_OP_TIMEOUT,
  IOSQE_BUFFER_SELECT,
  type LoopHold,
  type MultishotControl,
  opcodeSyscall,
  systemError,
  throwUncaught,
} from '@polyring/core';
import { CancelOperation } from '../engine/cancel-operation.js';
import type { Engine } from '../engine/engine.js';
import { Operation } from '../engine/operation.js';
import type { Custody } from '../memory/custody.js';
import type { ResultKind } from './result-kind.js';

const { ECANCELED, ENOBUFS, ETIME } = Errno;

/** Milliseconds after which a run that was not cancelled is cancelled again. */
const CANCEL_AGAIN_AFTER = 1;

/** What a multishot operation needs of the driver. */
export interface MultishotHost {
  readonly engine: Engine;
  readonly hold: LoopHold;
  /** The operation is not in flight, and not over either: who closes the driver has to tell it. */
  idle(operation: MultishotOperation): void;
  /** It is in flight again, or over. */
  busy(operation: MultishotOperation): void;
}

/**
 * An operation that completes again and again, and is started again where the kernel ends it without a failure; or one
 * that selects a buffer and completes once.
 *
 * It is never started while a cancellation of an earlier run is under way, which could hit the new run.
 */
export class MultishotOperation extends Operation implements MultishotControl {
  // What each completion touches stands first, so that it is as little memory as can be.
  readonly #sink: CompletionSink;
  readonly #kind: ResultKind;
  #cancelled = false;
  /** Ticks that a counted timeout has left; undefined for everything else. */
  #ticksLeft: number | undefined;
  readonly #activity: Activity;
  readonly entry: Entry;
  readonly #host: MultishotHost;
  /** Keeps the entry's memory; undefined if it has none of its own. */
  readonly #custody: Custody | undefined;
  #paused = false;
  #starved = false;
  /** A cancellation of the run is under way. */
  #cancelling = false;
  /** The run in flight was to be cancelled, so that its end by that is none of the operation. */
  #interrupted = false;
  #ended = false;

  constructor(
    entry: Entry,
    parts: { host: MultishotHost; sink: CompletionSink; kind: ResultKind; custody: Custody | undefined },
  ) {
    super();
    const { host, sink, kind, custody } = parts;
    this.entry = entry;
    this.#host = host;
    this.#sink = sink;
    this.#kind = kind;
    this.#custody = custody;
    this.#activity = new Activity(host.hold);
    this.address = entry.addr;
    this.bufIndex = entry.bufIndex;
    if (entry.opcode === IORING_OP_TIMEOUT && entry.off > 0) this.#ticksLeft = entry.off;
    kind.begun(this);
    try {
      custody?.take(entry, this);
    } catch (error) {
      kind.ended(this);
      throw error;
    }
  }

  /** Starts the operation, unless there is a reason to wait. */
  start(): void {
    if (this.#ended || this.#cancelled || this.inFlight || this.#paused || this.#starved || this.#cancelling) return;
    const error = this.#host.engine.refusal;
    if (error !== undefined) {
      this.end(error);
      return;
    }
    this.#interrupted = false;
    this.#countDown();
    this.#host.busy(this);
    this.#activity.active = true;
    this.#host.engine.enqueue(this);
  }

  pause(): void {
    if (this.#paused || this.#ended) return;
    this.#paused = true;
    this.#cancelRun();
    if (this.inFlight) return;
    this.#activity.active = false;
    queueMicrotask(() => this.#tellPaused());
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.start();
  }

  ref(): this {
    this.#activity.ref();
    return this;
  }

  unref(): this {
    this.#activity.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#activity.hasRef();
  }

  cancel(): void {
    if (this.#cancelled || this.#ended) return;
    this.#cancelled = true;
    if (this.inFlight) this.#cancelRun();
    else if (!this.#cancelling) queueMicrotask(() => this.end(undefined));
  }

  complete(result: number, flags: number): void {
    const terminal = (flags & IORING_CQE_F_MORE) === 0;
    const atEnd = terminal && this.#kind.isEnd(result, this.entry);
    if (!atEnd && (result >= 0 || this.#isTick(result))) this.#deliver(result, flags);
    else this.#kind.completionOf(result, flags).discard();
    if (!terminal) return;
    // Between two runs nobody else may submit the entry.
    this.entry.owner = this;
    this.#host.idle(this);
    this.#activity.active = false;
    if (!this.#cancelled) this.#afterRun(result, atEnd);
    else if (!this.#cancelling) this.end(undefined);
    this.#tellPaused();
  }

  /** The operation is over. */
  end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#host.busy(this);
    this.#activity.active = false;
    this.entry.owner = undefined;
    if (this.#host.engine.failure === undefined) this.#custody?.finish(-1);
    this.#kind.ended(this);
    try {
      this.#sink.ended(error);
    } catch (thrown) {
      throwUncaught(thrown);
    }
  }

  #deliver(result: number, flags: number): void {
    const completion = this.#kind.completionOf(result, flags);
    if (this.#cancelled) {
      completion.discard();
      return;
    }
    if (this.#ticksLeft !== undefined) this.#ticksLeft -= 1;
    try {
      this.#sink.completed(completion);
    } catch (thrown) {
      throwUncaught(thrown);
    }
  }

  /** The kernel ended a run. */
  #afterRun(result: number, atEnd: boolean): void {
    const error = this.#host.engine.refusal;
    if (error !== undefined) this.end(error);
    else if (atEnd || this.#ticksLeft === 0) this.end(undefined);
    else if (result >= 0 || this.#isTick(result)) this.#goOn();
    else if (result === ENOBUFS && this.#kind.whenRefilled !== undefined) this.#starve(this.#kind.whenRefilled);
    else if (result === ECANCELED && this.#interrupted) this.start();
    else this.end(this.#errorOf(result));
  }

  /** Starts the next run, except for what is here only because a promise has no place for the buffer that it selects. */
  #goOn(): void {
    const { multishot, flags } = this.entry;
    if (multishot || (flags & IOSQE_BUFFER_SELECT) === 0) this.start();
    else this.end(undefined);
  }

  /** The entry is the caller's and stays as it is. */
  #countDown(): void {
    const off = this.#ticksLeft;
    if (off === undefined || off === this.entry.off) return;
    const { addresses } = this;
    this.addresses = { addr: addresses?.addr, off, addr3: addresses?.addr3 };
  }

  #starve(whenRefilled: (again: () => void) => void): void {
    this.#starved = true;
    this.#activity.active = true;
    whenRefilled(() => {
      this.#starved = false;
      this.start();
    });
  }

  /** Ends the run in flight, so that another may follow. */
  #cancelRun(): void {
    if (!this.inFlight || this.#cancelling) return;
    this.#cancelling = true;
    this.#interrupted = true;
    this.#host.engine.enqueue(CancelOperation.told(this.entry, (result) => this.#runCancelled(result)));
  }

  #runCancelled(result: number): void {
    this.#cancelling = false;
    if (!this.inFlight) {
      if (this.#cancelled) this.end(undefined);
      else this.start();
    } else if (result < 0) {
      setTimeout(() => this.#cancelAgain(), CANCEL_AGAIN_AFTER);
    }
  }

  /** The run was just being done when it was to be cancelled: it may end by that all the same, or go on. */
  #cancelAgain(): void {
    if (this.#interrupted && this.#host.engine.open) this.#cancelRun();
  }

  #tellPaused(): void {
    if (!this.#paused || this.#cancelled || this.#ended || this.inFlight) return;
    try {
      this.#sink.paused?.();
    } catch (thrown) {
      throwUncaught(thrown);
    }
  }

  #isTick(result: number): boolean {
    return result === ETIME && this.entry.opcode === IORING_OP_TIMEOUT;
  }

  #errorOf(result: number): Error {
    const { opcode, fd } = this.entry;
    return systemError(result, opcodeSyscall(opcode), fd >= 0 ? { fd } : {});
  }
}
