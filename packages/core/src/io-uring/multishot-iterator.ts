import type {
  Completion,
  CompletionSink,
  Multishot,
  MultishotControl,
  MultishotOptions,
} from '../contract/io-uring/multishot.js';
import { AbortError, checkAbortSignal } from '../errors/abort-error.js';
import { checkInteger, checkObject } from '../errors/argument-error.js';
import { isPolyringError } from '../errors/polyring-error.js';
import { abortCallbacks } from '../promises/abort-listeners.js';

const DEFAULT_HIGH_WATER_MARK = 64;
const LARGEST_HIGH_WATER_MARK = 2 ** 20;

const DONE: IteratorResult<Completion, undefined> = { value: undefined, done: true };

/** A completion as a backend hands it out: an iterator keeps it for a while before anybody has it. */
export interface QueuedCompletion extends Completion {
  /** Nobody has it yet: what it made is the driver's, and ends with the driver. */
  park(): void;
  /**
   * It is handed over: what it made is the receiver's.
   *
   * @returns false if that has ended with its driver, so that it is nobody's
   */
  claim(): boolean;
}

/** A call of `next()` that waits. */
interface Asker {
  readonly resolve: (result: IteratorResult<Completion, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Queues the completions of a multishot operation and hands them out one by one: the iterator for every backend. */
export class MultishotIterator implements Multishot, CompletionSink {
  readonly #highWaterMark: number;
  readonly #control: MultishotControl;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: QueuedCompletion[] = [];
  readonly #askers: Asker[] = [];
  readonly #handedOut: Completion[] = [];
  /** At first too, until there is something that can be paused. */
  #paused = true;
  #cancelled = false;
  /** A completion has ended with its driver: what came behind it would be taken for what followed the one before it. */
  #lost = false;
  #ended = false;
  #error: Error | undefined;
  readonly #returns: (() => void)[] = [];

  /**
   * @param start starts the operation for the iterator as its sink
   * @throws what `start` throws; AbortError; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  constructor(start: (sink: CompletionSink) => MultishotControl, options: MultishotOptions = {}) {
    checkObject(options);
    const { signal, highWaterMark = DEFAULT_HIGH_WATER_MARK } = options;
    checkInteger(highWaterMark, 'options.highWaterMark', 1, LARGEST_HIGH_WATER_MARK);
    checkAbortSignal(signal);
    this.#highWaterMark = highWaterMark;
    this.#control = start(this);
    this.#paused = false;
    // It may have completed, and have ended, while it was started.
    if (this.#ended) return;
    this.#pauseIfFull();
    this.#signal = signal;
    if (signal !== undefined) abortCallbacks.add(signal, this.#cancel);
  }

  next(): Promise<IteratorResult<Completion, undefined>> {
    this.#releaseHandedOut();
    const completion = this.#queue.shift();
    if (completion !== undefined) {
      if (this.#paused && this.#queue.length * 2 <= this.#highWaterMark) this.#resume();
      if (completion.claim()) return Promise.resolve(this.#handOut(completion));
      this.#lose(completion);
    }
    if (this.#ended) return this.#afterEnd();
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<Completion, undefined>> {
    this.#releaseHandedOut();
    this.#discardQueue();
    this.#error = undefined;
    if (this.#ended) return Promise.resolve(DONE);
    this.#leaveSignal();
    this.#cancel();
    return new Promise((resolve) => {
      this.#returns.push(() => resolve(DONE));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  completed(completion: QueuedCompletion): void {
    if (this.#cancelled || this.#lost) {
      completion.discard();
      return;
    }
    const asker = this.#askers.shift();
    if (asker !== undefined) {
      completion.claim();
      asker.resolve(this.#handOut(completion));
      return;
    }
    completion.park();
    this.#queue.push(completion);
    if (!this.#paused) this.#pauseIfFull();
  }

  ended(error: Error | undefined): void {
    this.#ended = true;
    this.#leaveSignal();
    // What its completions hold ends with the driver.
    if (isPolyringError(error)) this.#discardQueue();
    if (error !== undefined) this.#error = error;
    else if (this.#cancelled && this.#returns.length === 0) this.#error = new AbortError(this.#signal?.reason);
    for (const { resolve, reject } of this.#askers.splice(0)) {
      const failure = this.#takeError();
      if (failure === undefined) resolve(DONE);
      else reject(failure);
    }
    for (const resolve of this.#returns.splice(0)) resolve();
  }

  #leaveSignal(): void {
    if (this.#signal !== undefined) abortCallbacks.remove(this.#signal, this.#cancel);
  }

  /** Ends the operation. What was not taken is given up. */
  readonly #cancel = (): void => {
    if (this.#cancelled || this.#ended) return;
    this.#cancelled = true;
    this.#discardQueue();
    this.#control.cancel();
  };

  #pauseIfFull(): void {
    if (this.#queue.length < this.#highWaterMark) return;
    this.#paused = true;
    this.#control.pause();
  }

  #resume(): void {
    this.#paused = false;
    if (!this.#ended) this.#control.resume();
  }

  #handOut(completion: QueuedCompletion): IteratorResult<Completion, undefined> {
    this.#handedOut.push(completion);
    return { value: completion, done: false };
  }

  #afterEnd(): Promise<IteratorResult<Completion, undefined>> {
    const error = this.#takeError();
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /** An error is told once; after it the iteration is over. */
  #takeError(): Error | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  #releaseHandedOut(): void {
    for (const completion of this.#handedOut) completion.release();
    this.#handedOut.length = 0;
  }

  /** Gives up a completion that has ended with its driver, and all behind it. */
  #lose(completion: QueuedCompletion): void {
    this.#lost = true;
    completion.discard();
    this.#discardQueue();
  }

  #discardQueue(): void {
    for (const completion of this.#queue.splice(0)) completion.discard();
  }
}
