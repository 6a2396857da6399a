import {
  type Driver,
  disposedError,
  Errno,
  InterestSlot,
  PollEvents,
  PolledFd,
  type RawFd,
  type Referenced,
} from '@polyring/core';
import { close, disown } from '@polyring/sys';
import type { Ahead, AheadHost } from './ahead.js';
import { Lane, type LaneHost } from './lane.js';
import type { Readiness } from './readiness.js';
import { Turns } from './turns.js';

/** How a connection is lost, which the kernel tells once. */
const LOST: ReadonlySet<number> = new Set([Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.EHOSTUNREACH, Errno.ENETUNREACH]);

/**
 * A descriptor with two directions that end on their own. It is closed when both have ended.
 *
 * @typeParam A what does the calls of the reading direction ahead
 */
export class Channel<A extends Ahead = Ahead> extends Turns implements LaneHost, AheadHost, Referenced, Disposable {
  readonly driver: Driver;
  readonly fd: RawFd;
  readonly reading: Lane;
  readonly writing: Lane;
  /** Does the calls of the reading direction ahead, where the kernel grants that. */
  readonly ahead: A | undefined;
  #reads = true;
  #writes = true;
  #referenced = true;
  #readiness: Readiness | undefined;
  // What follows is not for each call, and what is stands together above: it is less memory to wait for.
  readonly #object: string;
  readonly #makeReadiness: (driver: Driver, fd: RawFd) => Readiness;
  /** A call was told that the connection is lost. */
  lost = false;
  #hatch: PolledFd | undefined;
  /** Takes what is there ahead for whoever gets the descriptor back; undefined while it is not given back. */
  #give: ((ahead: A) => void) | undefined;
  #closed = false;
  /** By direction: who is told of its end, made where somebody has asked. */
  #listeners: (((error: unknown) => void) | undefined)[] | undefined;
  /** Made when somebody waits for the end, as few do. */
  #whenClosed: (() => void)[] | undefined;

  /**
   * @param object what its user calls it, for errors
   * @param makeAhead where the kernel is to do the calls of the reading direction ahead
   */
  constructor(
    driver: Driver,
    fd: RawFd,
    object: string,
    makeReadiness: (driver: Driver, fd: RawFd) => Readiness,
    makeAhead?: (host: AheadHost) => A,
  ) {
    super();
    this.driver = driver;
    this.fd = fd;
    this.#object = object;
    this.#makeReadiness = makeReadiness;
    this.ahead = makeAhead?.(this);
    this.reading = new Lane(this, InterestSlot.Read, PollEvents.IN);
    this.writing = new Lane(this, InterestSlot.Write, PollEvents.OUT);
  }

  get disposed(): boolean {
    return !this.#reads && !this.#writes;
  }

  /** Whether a direction has not ended. */
  open(direction: InterestSlot): boolean {
    return direction === InterestSlot.Read ? this.#reads : this.#writes;
  }

  /** @throws ERR_POLYRING_DISPOSED */
  check(): void {
    if (this.disposed) throw disposedError(this.#object);
  }

  readiness(slot: InterestSlot): Readiness {
    return (slot === InterestSlot.Read ? this.ahead : undefined) ?? this.kernelReadiness();
  }

  kernelReadiness(): Readiness {
    if (this.#readiness === undefined) {
      this.#readiness = this.#makeReadiness(this.driver, this.fd);
      if (!this.#referenced) this.#readiness.unref();
    }
    return this.#readiness;
  }

  /** Readiness of its own, for whoever does the calls himself. */
  hatch(): PolledFd {
    this.check();
    if (this.#hatch === undefined) {
      this.#hatch = new PolledFd(this.driver, this.fd);
      if (!this.#referenced) this.#hatch.unref();
    }
    return this.#hatch;
  }

  /** A poll cannot be taken back: once nobody waits for any, what was given up may not keep the process alive. */
  waitingChanged(slot?: InterestSlot): void {
    if (this.disposed) return;
    if (slot !== InterestSlot.Write) this.#settleAhead();
    const ready = this.#readiness;
    if (ready === undefined) return;
    const { reading, writing } = this;
    const waiting = !reading.empty || !writing.empty;
    const referenced = this.#referenced && (waiting || !(reading.givenUp || writing.givenUp));
    if (referenced === ready.hasRef()) return;
    if (referenced) ready.ref();
    else ready.unref();
  }

  /** A lost connection that a write was told of is told to a read as well, which would take it for the end. */
  failed(slot: InterestSlot, errno: number, syscall: string): void {
    if (syscall === 'connect' || !LOST.has(errno)) return;
    // A read may have been told before the send in which the ring has found it.
    if (slot === InterestSlot.Write && !this.lost) this.reading.failAtEnd(errno);
    this.lost = true;
  }

  get sends(): boolean {
    return this.writing.active;
  }

  untoldLoss(): number {
    const outcome = this.lost ? undefined : this.writing.outcome();
    return outcome !== undefined && LOST.has(outcome) ? outcome : 0;
  }

  #settleAhead(): void {
    const { ahead, reading } = this;
    if (ahead === undefined) return;
    if (!this.#referenced || reading.empty) ahead.unref();
    else ahead.ref();
  }

  ref(): this {
    this.#referenced = true;
    this.#hatch?.ref();
    this.reading.ref();
    this.writing.ref();
    this.waitingChanged();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#hatch?.unref();
    this.writing.withdraw();
    this.waitingChanged();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /**
   * Ends one direction, and with the second of them everything.
   *
   * @param makeError makes what each of its calls rejects with from now on
   */
  end(direction: InterestSlot, makeError: () => unknown = () => disposedError(this.#object)): void {
    if (!this.open(direction)) return;
    const isReading = direction === InterestSlot.Read;
    if (isReading) this.#reads = false;
    else this.#writes = false;
    const { disposed } = this;
    this.#listeners?.[direction]?.(makeError());
    // What is queued for the ring names the descriptor by its number: closed at once, it might mean another file there.
    (isReading ? this.reading : this.writing).end(makeError, () => {
      if (disposed) this.#endAhead();
      else this.#letGo();
    });
    // What is there already can still be given back with the descriptor.
    if (isReading && !disposed) this.ahead?.stop();
  }

  /**
   * Calls back with the error that an end of a direction from now on has for its calls. There is one listener a direction.
   *
   * @returns takes it back
   */
  onEnd(direction: InterestSlot, ended: (error: unknown) => void): () => void {
    this.#listeners ??= [];
    const listeners = this.#listeners;
    listeners[direction] = ended;
    return () => {
      listeners[direction] = undefined;
    };
  }

  #endAhead(): void {
    const { ahead } = this;
    const give = this.#give;
    const letGo = (): void => this.#letGo();
    if (ahead === undefined) letGo();
    else if (give === undefined) ahead.end(letGo);
    else {
      ahead.whenQuiet(() => {
        give(ahead);
        ahead.end(letGo);
      });
    }
  }

  /** Once both directions have ended and the kernel has let go of the descriptor, it is closed. */
  #letGo(): void {
    if (!this.disposed) return;
    this.#readiness?.[Symbol.dispose]();
    this.#hatch?.[Symbol.dispose]();
    if (this.ahead?.active === true || this.writing.active || this.#closed) return;
    this.#closed = true;
    if (this.#give === undefined) close(this.fd);
    else disown(this.fd);
    for (const resolve of this.#whenClosed ?? []) resolve();
  }

  /** Resolves when the descriptor was closed, or given back. */
  closing(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenClosed ??= [];
      this.#whenClosed.push(resolve);
    });
  }

  /**
   * Ends, at once, without closing the descriptor, which is the caller's from when the promise resolves.
   *
   * @param take is called when nothing more is done ahead: what is there then is the caller's too
   * @throws (rejects) ERR_POLYRING_DISPOSED, when it has ended before
   */
  async give(take: (ahead: A) => void = () => {}): Promise<RawFd> {
    this.check();
    this.#give = take;
    const closing = this.closing();
    this[Symbol.dispose]();
    await closing;
    return this.fd;
  }

  [Symbol.dispose](): void {
    this.end(InterestSlot.Read);
    this.end(InterestSlot.Write);
  }
}
