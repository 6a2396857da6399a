import { checkDriver } from '../contract/check-driver.js';
import type { Driver } from '../contract/driver.js';
import type { Referenced } from '../contract/reference.js';
import type { PollWait } from '../contract/wait.js';
import { disposedError } from '../errors/polyring-error.js';
import { Pending } from '../values/poll.js';
import type { RawFd } from '../values/raw-fd.js';
import { type PollOptions, requireSignal, Waiter } from './waiter.js';

/** A cancel of the wait under way, and who asked whether it consumed a signal. */
class Cancel {
  readonly #asked: boolean;
  readonly #askers: Waiter<boolean>[] = [];

  /** @param asked whether the first asker started it; otherwise an abort did */
  constructor(asked: boolean) {
    this.#asked = asked;
  }

  ask(): Promise<boolean> {
    const asker = new Waiter<boolean>();
    this.#askers.push(asker);
    return asker.promise;
  }

  end(consumed: boolean): void {
    for (const [index, asker] of this.#askers.entries()) asker.resolve(consumed && this.#asked && index === 0);
  }

  fail(error: unknown): void {
    for (const asker of this.#askers) asker.reject(error);
  }
}

/**
 * Consumes the signals of a descriptor, such as an eventfd or a timerfd, as promises.
 *
 * There is one read at a time. Calls of {@link wait} that overlap queue: each signal goes to
 * one of them, in the order of the calls. A signal that was consumed is never lost: where an
 * abort or a {@link cancel} comes too late, the wait resolves with it.
 */
export class PolledWait implements Disposable, Referenced {
  readonly #wait: PollWait;
  readonly #waker = () => this.#advance();
  /** The first is the one that the read under way is for. */
  readonly #queue: Waiter<bigint>[] = [];
  #cancel: Cancel | undefined;
  #disposed = false;

  /**
   * @param fd a non-blocking descriptor; it stays the caller's, to be closed after disposal
   * @param readSize bytes of a signal, from 1 to `MAXIMUM_WAIT_READ_SIZE`; 8 for an eventfd and a timerfd
   * @throws ERR_OUT_OF_RANGE; EBADF; EPERM; ERR_POLYRING_BLOCKING_FD; ERR_POLYRING_CLOSED
   */
  constructor(driver: Driver, fd: RawFd, readSize: number) {
    checkDriver(driver);
    this.#wait = driver.newDynWait(fd, readSize);
  }

  /** What the last resolved wait read, as an unsigned integer of the machine's byte order; 0n before. */
  get value(): bigint {
    return this.#wait.value;
  }

  /**
   * Waits for one signal and consumes it.
   *
   * An abort cancels the read first: the promise rejects with an AbortError if none was
   * consumed, and resolves with the signal if it won the race.
   *
   * @returns what was read, as {@link value}
   * @throws (rejects) the read's system error; ERR_POLYRING_SHORT_READ; AbortError, also by {@link cancel};
   * ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE
   */
  wait(options?: PollOptions): Promise<bigint> {
    try {
      this.#check();
      const signal = requireSignal(options);
      const waiter: Waiter<bigint> = new Waiter(signal, () => this.#abort(waiter));
      this.#queue.push(waiter);
      if (this.#queue.length === 1) this.#advance();
      return waiter.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ends every wait under way: their promises reject with an AbortError, but for the first if
   * a signal was consumed already; that one resolves with it.
   *
   * @returns true if a signal was consumed; false if none was: it is still readable. False too where no wait is under
   * way, and where another cancel ended it
   * @throws (rejects) the read's system error; ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED
   */
  cancel(): Promise<boolean> {
    try {
      this.#check();
    } catch (error) {
      return Promise.reject(error);
    }
    for (const waiter of this.#queue.splice(1)) waiter.abort();
    if (this.#queue.length === 0) return Promise.resolve(false);
    if (this.#cancel !== undefined) return this.#cancel.ask();
    const cancel = new Cancel(true);
    const answer = cancel.ask();
    this.#startCancel(cancel);
    return answer;
  }

  /** Consumes signal after signal, as an async iterator that does not end by itself. */
  async *signals(options?: PollOptions): AsyncGenerator<bigint, void, void> {
    for (;;) yield await this.wait(options);
  }

  /** Consumes signal after signal. See {@link signals}. */
  [Symbol.asyncIterator](): AsyncGenerator<bigint, void, void> {
    return this.signals();
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#wait.ref();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#wait.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#wait.hasRef();
  }

  /**
   * Ends every wait, whose promise rejects with ERR_POLYRING_DISPOSED, and lets go of the descriptor.
   * A signal may be consumed and lost: {@link cancel} first where that matters.
   */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#wait[Symbol.dispose]();
    for (const waiter of this.#queue.splice(0)) waiter.reject(disposedError('wait'));
    this.#cancel?.fail(disposedError('wait'));
    this.#cancel = undefined;
  }

  #check(): void {
    if (this.#disposed) throw disposedError('wait');
  }

  #abort(waiter: Waiter<bigint>): void {
    const index = this.#queue.indexOf(waiter);
    const mustCancel = index === 0 && (this.#queue.length === 1 || this.#cancel !== undefined);
    if (!mustCancel) {
      // The read under way, if it was for this one, goes on for the next.
      this.#queue.splice(index, 1);
      waiter.abort();
    } else if (this.#cancel === undefined) {
      this.#startCancel(new Cancel(false));
    }
  }

  #startCancel(cancel: Cancel): void {
    this.#cancel = cancel;
    this.#advance();
  }

  /** Takes the cancel and the waits under way as far as they go without waiting. */
  #advance(): void {
    if (this.#cancel !== undefined && !this.#advanceCancel(this.#cancel)) return;
    for (let waiter = this.#queue[0]; waiter !== undefined; waiter = this.#queue[0]) {
      try {
        if (this.#wait.pollWait(this.#waker) === Pending) return;
        waiter.resolve(this.value);
      } catch (error) {
        waiter.reject(error);
      }
      this.#queue.shift();
    }
  }

  /** Whether the cancel is over. The wait that it is for is the first in the queue. */
  #advanceCancel(cancel: Cancel): boolean {
    const [waiter] = this.#queue;
    try {
      const consumed = this.#wait.pollCancelWait(this.#waker);
      if (consumed === Pending) return false;
      if (consumed) waiter?.resolve(this.value);
      else waiter?.abort();
      cancel.end(consumed);
    } catch (error) {
      waiter?.reject(error);
      cancel.fail(error);
    }
    this.#queue.shift();
    this.#cancel = undefined;
    return true;
  }
}
