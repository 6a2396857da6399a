import {
  type Completion,
  type CompletionSink,
  type Driver,
  type Entry,
  Errno,
  type InterestSlot,
  type MultishotControl,
  Pending,
  type Poll,
  PollEvents,
  type RawFd,
} from '@polyring/core';
import type { Readiness, Sleeper } from './readiness.js';

const { EAGAIN } = Errno;

/**
 * Idle: nothing was started. Running: the kernel does the calls. Stopping, direct: it does so no more, and whoever
 * calls does them himself.
 */
type State = 'idle' | 'running' | 'stopping' | 'direct' | 'ended';

/** What an {@link Ahead} asks of its descriptor. */
export interface AheadHost {
  readonly driver: Driver;
  readonly fd: RawFd;
  /** The readiness that the kernel reports, for when the calls are not done ahead. */
  kernelReadiness(): Readiness;
}

/**
 * Has the kernel do the calls of a reading direction by one operation that completes again and again, so that none of
 * them costs a submission.
 *
 * What came of them is there to be taken. It is the readiness of the direction as well: a lane waits on it as it waits
 * on a descriptor, and so an abort or a timeout takes nothing away.
 */
export abstract class Ahead implements CompletionSink, Readiness {
  readonly #host: AheadHost;
  #state: State = 'idle';
  #control: MultishotControl | undefined;
  #sleeper: Sleeper | undefined;
  #paused = false;
  /** The pause has come into effect. */
  #quiet = false;
  #failure: (Error & { errno?: number }) | undefined;
  #referenced = true;
  /** The operation was started for a connection before, and has told of nothing since. */
  #isOfLast = false;
  /** Made when somebody waits for the end, as few do. */
  #whenOver: (() => void)[] | undefined;

  constructor(host: AheadHost) {
    this.#host = host;
  }

  /** The operation on a descriptor. */
  protected abstract entry(fd: RawFd): Entry;

  /** Whether something is there to be taken. */
  abstract get filled(): boolean;

  /** Nobody will take what is there. */
  protected abstract drop(): void;

  /** Whether the direction is over with an error of the operation, and not only the operation. */
  protected abstract isLast(error: (Error & { errno?: number }) | undefined): boolean;

  abstract completed(completion: Completion): void;

  /** Whether the kernel works on the descriptor. */
  get active(): boolean {
    return this.#control !== undefined;
  }

  /** Does no more ahead: whoever calls from now on asks the kernel, after what is there was taken. */
  stop(): void {
    if (this.#state === 'idle') this.#state = 'direct';
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    if (this.#paused && this.#quiet) this.paused();
    else this.pause();
  }

  /** As {@link stop}. Resolves when it is so. */
  quiet(): Promise<void> {
    return new Promise((resolve) => this.whenQuiet(resolve));
  }

  /** As {@link stop}. Calls back, possibly at once, when it is so. */
  whenQuiet(over: () => void): void {
    this.stop();
    if (this.#state !== 'stopping') {
      over();
      return;
    }
    this.#control?.ref();
    this.#atOver(over);
  }

  /** Ends it. Calls back, possibly at once, when the kernel has let go of the descriptor. */
  end(over: () => void): void {
    this.#sleeper = undefined;
    this.drop();
    if (!this.active) {
      over();
      return;
    }
    this.#atOver(over);
    // Whoever waits for the end is to see it, though nobody waits for the descriptor any more.
    this.#control?.ref();
    this.#control?.cancel();
  }

  /**
   * Begins anew, as the descriptor has another connection: what was received of the one before is gone, as it is in the
   * kernel, and how that has ended, or an operation in flight that is of it still ends, is none of its ends.
   */
  renew(): void {
    this.drop();
    this.#failure = undefined;
    this.#isOfLast = this.active;
    if (this.#state === 'ended') this.#state = 'idle';
  }

  poll(sleeper: Sleeper, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    const isForBytes = (events & PollEvents.IN) !== 0;
    if (isForBytes && (this.filled || this.#failure !== undefined || this.#state === 'ended')) return PollEvents.IN;
    if (!isForBytes || this.#state === 'direct') return this.#host.kernelReadiness().poll(sleeper, slot, events);
    this.#sleeper = sleeper;
    if (this.#state === 'idle') this.#start();
    else if (this.#paused && this.#state === 'running') {
      this.#paused = false;
      this.#control?.resume();
    }
    return Pending;
  }

  clear(slot: InterestSlot, drained: boolean): void {
    if (this.#state === 'direct' || this.#state === 'ended') this.#host.kernelReadiness().clear(slot, drained);
  }

  ref(): this {
    if (this.#referenced) return this;
    this.#referenced = true;
    this.#control?.ref();
    return this;
  }

  unref(): this {
    if (!this.#referenced) return this;
    this.#referenced = false;
    this.#control?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  [Symbol.dispose](): void {
    this.end(() => {});
  }

  paused(): void {
    this.#quiet = true;
    if (this.#state !== 'stopping') return;
    this.#state = 'direct';
    this.#over();
  }

  ended(error: Error | undefined): void {
    this.#control = undefined;
    this.#paused = false;
    const isOfLast = this.#isOfLast;
    this.#isOfLast = false;
    this.#failure = isOfLast ? undefined : error;
    // Who stopped it may know better: what is shut down for reading here is at its end, and receives more (shutdown(2)).
    if (this.#state === 'stopping') this.#state = 'direct';
    else if (isOfLast) this.#state = 'idle';
    else this.#state = this.isLast(error) ? 'ended' : 'direct';
    this.#over();
  }

  /** Something has come, so the operation is of the connection that there is. */
  protected confirm(): void {
    this.#isOfLast = false;
  }

  /**
   * What a call that finds nothing is told: 0 at the end; a negative error number, EAGAIN to wait for; undefined if it
   * has to ask the kernel itself.
   */
  protected nothing(): number | undefined {
    const failure = this.#failure;
    if (failure !== undefined) {
      if (failure.errno === undefined) throw failure;
      this.#failure = undefined;
      return failure.errno;
    }
    if (this.#state === 'idle' || this.#state === 'direct') return undefined;
    return this.#state === 'ended' ? 0 : EAGAIN;
  }

  /** Starts again with the next wait, after an error that has passed. */
  protected restart(): void {
    if (this.#state === 'direct' && !this.active) this.#state = 'idle';
  }

  /** Has nothing more come until somebody waits. */
  protected pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#quiet = false;
    this.#control?.pause();
  }

  /** Tells whoever waits that something is there. */
  protected wake(): void {
    const sleeper = this.#sleeper;
    this.#sleeper = undefined;
    sleeper?.wake();
  }

  #start(): void {
    this.#state = 'running';
    this.#control = this.#host.driver.ioUring.multishotInto(this.entry(this.#host.fd), this);
    if (!this.#referenced) this.#control.unref();
  }

  #atOver(over: () => void): void {
    this.#whenOver ??= [];
    this.#whenOver.push(over);
  }

  #over(): void {
    const whenOver = this.#whenOver ?? [];
    this.#whenOver = undefined;
    for (const over of whenOver) over();
    this.wake();
  }
}
