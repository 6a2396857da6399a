import {
  AbortError,
  type Entry,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_OP_CLOSE,
  IORING_OP_FUTEX_WAIT,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_FUTEX_WAKE,
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
} from '@polyring/core';
import { ERRNO } from './abi.js';
import type { AbortListeners } from './abort-listeners.js';
import type { Custody } from './memory/custody.js';
import { Operation } from './operation.js';

/** What a submission needs of its submitter. */
export interface SubmissionHost {
  /** The error of a ring that failed; memory is kept then, since the kernel may still write to it. */
  readonly failure: Error | undefined;
  readonly abortListeners: AbortListeners;
  /** The submission is over and may be used again. */
  settled(submission: Submission): void;
}

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
  readonly #custody: Custody;
  readonly #host: SubmissionHost;
  #resolve: ((result: number) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #signal: AbortSignal | undefined;
  #firstResult: number | undefined;
  readonly #executor = (resolve: (result: number) => void, reject: (error: unknown) => void): void => {
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
    const custody = this.#custody;
    custody.take(entry);
    this.address = custody.address;
    this.bufIndex = custody.bufIndex;
    this.addresses = custody.attached;
    this.entry = entry;
    if (signal !== undefined) {
      this.#signal = signal;
      this.#host.abortListeners.add(signal, this);
    }
    return new Promise<number>(this.#executor);
  }

  complete(result: number, flags: number): void {
    if ((flags & IORING_CQE_F_MORE) !== 0) {
      // The result comes first, and the terminal completion only says that the memory is free (SEND_ZC).
      this.#firstResult ??= result;
      return;
    }
    this.#settle((flags & IORING_CQE_F_NOTIF) !== 0 ? (this.#firstResult ?? result) : result);
  }

  #settle(completed: number): void {
    const result = completed === ERRNO.ERESTARTSYS ? ERRNO.ECANCELED : completed;
    const resolve = this.#resolve as (result: number) => void;
    const reject = this.#reject as (error: unknown) => void;
    const { entry } = this;
    const signal = this.#signal;
    const { failure } = this.#host;
    const bufferError = failure === undefined ? this.#finish(result) : undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#firstResult = undefined;
    this.entry = IDLE;
    if (signal !== undefined) {
      this.#host.abortListeners.remove(signal, this);
      this.#signal = undefined;
    }
    this.#host.settled(this);
    if (failure !== undefined) reject(failure);
    else if (bufferError !== undefined) reject(bufferError);
    else if (result >= 0) resolve(result);
    else if (signal?.aborted && isCancelled(result)) reject(new AbortError(signal.reason));
    else reject(operationError(entry, result));
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

/** A running operation of a kernel thread is cancelled by a signal to that thread, which it reports as EINTR. */
function isCancelled(result: number): boolean {
  return result === ERRNO.ECANCELED || result === ERRNO.EINTR;
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
