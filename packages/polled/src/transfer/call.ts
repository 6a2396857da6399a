import { AbortError, abortCallbacks, type Driver, type PollEvents, timeoutError } from '@polyring/core';
import type { CallOptions } from './call-options.js';
import type { Completing } from './completing.js';
import { TimeLimit } from './time-limit.js';

/** What is called. */
export interface CallParts<T> {
  /** The name of the system call, for errors. */
  readonly syscall: string;
  /** Whether it may be done though the descriptor has nothing that others wait for: it is attempted before it waits. */
  readonly eager?: boolean;
  /** What it waits for, where that is not what others of its direction wait for. */
  readonly events?: PollEvents | undefined;
  /** How a ring does it, where one does. */
  readonly completing?: Completing<T> | undefined;
  /** Makes the call, which does not block: its result, or a negative error number; EAGAIN if it has to wait. */
  attempt(): T | number;
  /** Whether such an answer is the end of what there is to read, and not one of nothing that was asked for. */
  isEnd?(answer: T | number): boolean;
  /** What it answers where nothing more comes. Default 0. */
  nothing?(): T;
  /** Adds to an error of the call what is known of it. */
  failed?(error: unknown): unknown;
}

/** Whom a call waits with. */
export interface CallHost {
  readonly driver: Driver;
  /** The call is to end without a result: reject it with that error, now or later. */
  giveUp(call: Call<unknown>, error: Error): void;
}

/** A call that waits for its turn or for its descriptor: what to attempt, and whom to tell. */
export class Call<T> {
  readonly parts: CallParts<T>;
  readonly promise: Promise<T>;
  /** The call behind it in its queue. */
  next: Call<unknown> | undefined;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor(parts: CallParts<T>) {
    this.parts = parts;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(result: T): void {
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#reject(this.parts.failed?.(error) ?? error);
  }
}

/** One that its signal or its time may end before. */
class LimitedCall<T> extends Call<T> {
  readonly #limit: TimeLimit | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => this.#host.giveUp(this as Call<unknown>, new AbortError(this.#signal?.reason));
  readonly #host: CallHost;

  /** @param options as `checkCallOptions` returned them */
  constructor(parts: CallParts<T>, host: CallHost, { signal, timeout = Infinity }: CallOptions) {
    super(parts);
    this.#host = host;
    const timedOut = (): void => host.giveUp(this as Call<unknown>, timeoutError(timeout));
    // The time first, as there is no way back from listening to the signal if it fails.
    this.#limit = timeout === Infinity ? undefined : new TimeLimit(host.driver, timeout, timedOut);
    this.#signal = signal;
    if (signal !== undefined) abortCallbacks.add(signal, this.#aborted);
  }

  override resolve(result: T): void {
    this.#leave();
    super.resolve(result);
  }

  override reject(error: unknown): void {
    this.#leave();
    super.reject(error);
  }

  #leave(): void {
    this.#limit?.[Symbol.dispose]();
    if (this.#signal !== undefined) abortCallbacks.remove(this.#signal, this.#aborted);
  }
}

/** A call, with what may end it if there is something. */
export function callOf<T>(parts: CallParts<T>, host: CallHost, limits: CallOptions | undefined): Call<T> {
  return limits === undefined ? new Call(parts) : new LimitedCall(parts, host, limits);
}
