import {
  AbortError,
  type AbortListeners,
  type Entry,
  Errno,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_OP_CLOSE,
  IORING_OP_FUTEX_WAIT,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_FUTEX_WAKE,
  IORING_OP_LINK_TIMEOUT,
  IORING_OP_PIPE,
  IORING_OP_PROVIDE_BUFFERS,
  IORING_OP_REMOVE_BUFFERS,
  IORING_OP_SOCKET,
  IORING_OP_WAITID,
  IOSQE_FIXED_FILE,
  nop,
  opcodeSyscall,
  type SystemErrorDetails,
  systemError,
  type TimerSet,
  timeoutError,
} from '@polyring/core';
import { isInterrupted } from '../engine/interrupted.js';
import { type AttachedAddresses, Operation } from '../engine/operation.js';
import type { Custody } from '../memory/custody.js';
import type { Settlement } from './batch.js';
import { TimeLimit } from './time-limit.js';

const { ECANCELED, EFAULT, EINTR, EINVAL, EOPNOTSUPP } = Errno;

/** What a submission needs of its submitter. */
export interface SubmissionHost {
  /** The error of a ring that failed; memory is kept then, since the kernel may still write to it. */
  readonly failure: Error | undefined;
  /** Why nothing is accepted any more, as for what is cancelled then; undefined while it is. */
  readonly refusal: Error | undefined;
  readonly abortListeners: AbortListeners<Operation>;
  /** The submission is over and may be used again. */
  settled(submission: Submission): void;
  /** Queues a submission once more. False if nothing is accepted any more. */
  again(submission: Submission): boolean;
  /** Cancels a submission. */
  cancel(submission: Submission): void;
}

/** What files answer that take memory of the process and not registered memory, as /dev/fuse does. Nothing was done then. */
const REFUSES_FORM: ReadonlySet<number> = new Set([EINVAL, EFAULT, EOPNOTSUPP]);

const IDLE = nop();

/** Operations whose `fd` is something else: a family, flags, a count, a process, nothing. */
const FD_IS_OTHER = new Set([
  IORING_OP_PIPE,
  IORING_OP_SOCKET,
  IORING_OP_FUTEX_WAIT,
  IORING_OP_FUTEX_WAKE,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_PROVIDE_BUFFERS,
  IORING_OP_REMOVE_BUFFERS,
  IORING_OP_WAITID,
]);

/** One `ioUringSubmit`: an operation whose promise settles at the terminal completion. Used again and again. */
export class Submission extends Operation {
  override entry: Entry = IDLE;
  override otherOpcode = 0;
  override address = 0;
  override bufIndex = 0;
  override addresses: AttachedAddresses | undefined = undefined;
  override linkFlags = 0;
  override chained = 1;
  readonly #custody: Custody;
  readonly #host: SubmissionHost;
  #resolve: ((result: number) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #signal: AbortSignal | undefined;
  #firstResult: number | undefined;
  /** Of several that settle together: who is told, and as which of them. */
  #settlement: Settlement | undefined;
  #index = 0;
  #limit: TimeLimit | undefined;
  /** What each promise is made with: one function for all of them, since a new one is compiled code only from its second call on. */
  readonly #keep = (resolve: (result: number) => void, reject: (error: unknown) => void): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  constructor(custody: Custody, host: SubmissionHost) {
    super();
    this.#custody = custody;
    this.#host = host;
  }

  /** Takes the entry's memory and makes the promise. Throws, and holds nothing then, if the memory cannot be taken. */
  start(entry: Entry, signal: AbortSignal | undefined): Promise<number> {
    this.#take(entry, signal);
    return new Promise<number>(this.#keep);
  }

  /** As {@link start}, as one of several that settle together. */
  startAmong(entry: Entry, signal: AbortSignal | undefined, settlement: Settlement, index: number): void {
    this.#take(entry, signal);
    this.#settlement = settlement;
    this.#index = index;
  }

  /**
   * Has the operation cancelled after a time. Throws, and takes the start back, if there can be no limit.
   *
   * @returns the limit, whose time may have passed already
   */
  limit(timers: TimerSet, milliseconds: number): TimeLimit {
    try {
      this.#limit = new TimeLimit(timers, milliseconds, this.#timePassed);
    } catch (error) {
      this.withdraw();
      throw error;
    }
    return this.#limit;
  }

  /** Has it done in the form of its entry: what is linked to others cannot be done again in another one. */
  keepForm(): void {
    this.otherOpcode = 0;
  }

  /** Whether what is linked behind it has yet to start. A LINK_TIMEOUT works beside the operation before it, and ends with it. */
  get holdsUp(): boolean {
    return this.#firstResult === undefined && this.entry.opcode !== IORING_OP_LINK_TIMEOUT;
  }

  /** Takes a start back, before it is queued. */
  withdraw(): void {
    this.#finish(-1);
    this.#forget();
  }

  #take(entry: Entry, signal: AbortSignal | undefined): void {
    this.#custody.take(entry, this);
    if (signal !== undefined) this.#listenTo(signal);
    this.entry = entry;
  }

  #listenTo(signal: AbortSignal): void {
    try {
      this.#host.abortListeners.add(signal, this);
    } catch (error) {
      this.#finish(-1);
      throw error;
    }
    this.#signal = signal;
  }

  complete(result: number, flags: number): void {
    if ((flags & IORING_CQE_F_MORE) !== 0) {
      // The result comes first, and the terminal completion only says that the memory is free (SEND_ZC).
      this.#firstResult ??= result;
      this.#settlement?.answered();
      return;
    }
    const last = (flags & IORING_CQE_F_NOTIF) !== 0 ? (this.#firstResult ?? result) : result;
    if (last < 0 && this.otherOpcode !== 0 && REFUSES_FORM.has(last) && !this.#isUnwanted) {
      this.keepForm();
      if (this.#host.again(this)) return;
    }
    this.#settle(last);
  }

  /** Whether it was cancelled, or is about to be. */
  get #isUnwanted(): boolean {
    return this.#signal?.aborted === true || this.#limit?.expired === true;
  }

  readonly #timePassed = (): void => {
    this.#host.cancel(this);
  };

  #settle(completed: number): void {
    const result = isInterrupted(completed) ? interruption(this.entry) : completed;
    const resolve = this.#resolve;
    const reject = this.#reject;
    const settlement = this.#settlement;
    const { failure } = this.#host;
    const bufferError = failure === undefined ? this.#finish(result) : undefined;
    const error = failure ?? bufferError ?? (result >= 0 ? undefined : this.#errorOf(result));
    const index = this.#index;
    this.#forget();
    this.#host.settled(this);
    if (settlement !== undefined) {
      settlement.settle(
        index,
        error === undefined ? { status: 'fulfilled', value: result } : { status: 'rejected', reason: error },
      );
    } else if (error === undefined) (resolve as (result: number) => void)(result);
    else (reject as (error: unknown) => void)(error);
  }

  #errorOf(result: number): Error {
    if (result === ECANCELED) {
      if (this.#signal?.aborted) return new AbortError(this.#signal.reason);
      if (this.#limit?.expired) return timeoutError(this.#limit.milliseconds);
      const reason = this.#settlement === undefined ? this.#host.refusal : this.#settlement.reason;
      if (reason !== undefined) return reason;
    }
    return operationError(this.entry, result);
  }

  #forget(): void {
    const signal = this.#signal;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#firstResult = undefined;
    this.entry = IDLE;
    if (signal !== undefined) {
      this.#host.abortListeners.remove(signal, this);
      this.#signal = undefined;
    }
    if (this.#limit !== undefined) {
      this.#limit.end();
      this.#limit = undefined;
    }
    if (this.#settlement === undefined) return;
    this.#settlement = undefined;
    this.linkFlags = 0;
    this.chained = 1;
  }

  /** Gives the memory back. The error, if the caller's buffer cannot be filled. */
  #finish(result: number): unknown {
    try {
      this.#custody.finish(result);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** What becomes of an operation that was interrupted: it is cancelled, but for a close, as the descriptor is gone all the same. */
function interruption({ opcode }: Entry): number {
  return opcode === IORING_OP_CLOSE ? EINTR : ECANCELED;
}

function operationError(entry: Entry, result: number): Error {
  return systemError(result, opcodeSyscall(entry.opcode), detailsOf(entry));
}

/** What the operation was on. Of an entry with a path the descriptor is but where the path starts. */
function detailsOf({ fd, flags, opcode, rare }: Entry): SystemErrorDetails {
  const { path, dest } = rare ?? {};
  if (path !== undefined) return dest === undefined ? { path } : { path, dest };
  const isSlot = opcode === IORING_OP_CLOSE && rare?.fileIndex !== undefined;
  return fd >= 0 && (flags & IOSQE_FIXED_FILE) === 0 && !FD_IS_OTHER.has(opcode) && !isSlot ? { fd } : {};
}
