import type { Referenced } from '../reference.js';

/** One completion of an operation that completes again and again. */
export interface Completion extends Disposable {
  /** The result; for a tick of a multishot timeout it is -ETIME, as the kernel gives it. */
  readonly result: number;
  /** IORING_CQE_F_* bits. */
  readonly flags: number;
  /**
   * What the kernel put into the buffer that it selected, as a view in place; undefined where it selected none, and
   * after {@link release}: the memory belongs to the buffer ring again. Copy what is to be kept.
   */
  readonly bytes: Buffer | undefined;
  /**
   * Gives the selected buffer back to its ring. Operations submitted on {@link bytes} before may still
   * use it: the kernel selects it again after the last of them. Releasing twice is no error.
   */
  release(): void;
  /** Gives the whole completion up: releases the buffer, and closes the descriptor that an accept made. */
  discard(): void;
}

/** How a multishot operation is iterated over. */
export interface MultishotOptions {
  /** Ends the iteration: it rejects with an AbortError after the terminal completion. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Completions that may wait to be taken, 64 by default. With so many waiting the operation is
   * cancelled, and it is started again when half of them were taken. A few more may arrive meanwhile.
   */
  readonly highWaterMark?: number | undefined;
}

/**
 * The completions of one operation that completes again and again.
 *
 * It runs from the moment it was made. Where the kernel ends it without a failure (the CQ was full,
 * no buffer was left) it is started again. It is over at the end of a stream (a receive or read of 0 bytes),
 * after the last tick of a counted timeout, after a failure, after `return()` or an abort, and with its driver.
 *
 * A selected buffer goes back to its ring when its completion is released, and at the latest when `next()` or
 * `return()` is called again. So in a loop `bytes` is good until the end of the body, and an operation that was
 * submitted on it in the body may go on beyond that.
 *
 * `return()`, leaving a `for await` loop and `await using` cancel the operation and resolve after its terminal
 * completion. Accepted descriptors that nobody took are closed, buffers go back to their ring.
 */
export interface Multishot extends AsyncIterableIterator<Completion, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<Completion, undefined>>;
  return(): Promise<IteratorResult<Completion, undefined>>;
}

/** Who is told of completions directly from the driver's drain, without a promise for each. */
export interface CompletionSink {
  /**
   * A completion. It belongs to the sink, which releases or discards it. An error thrown here
   * becomes an uncaught exception, and the drain goes on.
   */
  completed(completion: Completion): void;
  /** The operation is paused, and nothing more arrives before it is resumed. */
  paused?(): void;
  /** The last call: the operation is over, because of an error or as it should. */
  ended(error: Error | undefined): void;
}

/** Steers an operation whose completions go to a {@link CompletionSink}, and its hold on the process. */
export interface MultishotControl extends Referenced {
  /** Cancels the operation for now. Completions on their way still arrive. */
  pause(): void;
  /** Goes on after {@link pause}. */
  resume(): void;
  /** Ends the operation. What still arrives is discarded, and `ended` follows at the terminal completion. */
  cancel(): void;
}
