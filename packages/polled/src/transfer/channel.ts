import {
  type Driver,
  disposedError,
  InterestSlot,
  PollEvents,
  PolledFd,
  type RawFd,
  type Referenced,
} from '@polyring/core';
import { close } from '@polyring/sys';
import { Lane, type LaneHost } from './lane.js';
import type { Readiness } from './readiness.js';

/** A descriptor with two directions that end on their own. It is closed when both have ended. */
export class Channel implements LaneHost, Referenced, Disposable {
  readonly driver: Driver;
  readonly fd: RawFd;
  readonly reading: Lane;
  readonly writing: Lane;
  readonly #object: string;
  readonly #makeReadiness: () => Readiness;
  readonly #directions: Set<InterestSlot> = new Set([InterestSlot.Read, InterestSlot.Write]);
  #readiness: Readiness | undefined;
  #hatch: PolledFd | undefined;
  #referenced = true;
  #given = false;

  /** @param object what its user calls it, for errors */
  constructor(driver: Driver, fd: RawFd, object: string, makeReadiness: () => Readiness) {
    this.driver = driver;
    this.fd = fd;
    this.#object = object;
    this.#makeReadiness = makeReadiness;
    this.reading = new Lane(this, InterestSlot.Read, PollEvents.IN);
    this.writing = new Lane(this, InterestSlot.Write, PollEvents.OUT);
  }

  get disposed(): boolean {
    return this.#directions.size === 0;
  }

  /** Whether a direction has not ended. */
  open(direction: InterestSlot): boolean {
    return this.#directions.has(direction);
  }

  /** @throws ERR_POLYRING_DISPOSED */
  check(): void {
    if (this.disposed) throw disposedError(this.#object);
  }

  readiness(): Readiness {
    if (this.#readiness === undefined) {
      this.#readiness = this.#makeReadiness();
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
  waitingChanged(): void {
    const ready = this.#readiness;
    if (ready === undefined || this.disposed) return;
    const { reading, writing } = this;
    const waiting = reading.waiting || writing.waiting;
    const referenced = this.#referenced && (waiting || !(reading.givenUp || writing.givenUp));
    if (referenced === ready.hasRef()) return;
    if (referenced) ready.ref();
    else ready.unref();
  }

  ref(): this {
    this.#referenced = true;
    this.#hatch?.ref();
    this.waitingChanged();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#hatch?.unref();
    this.waitingChanged();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /**
   * Ends one direction, and with the second of them everything.
   *
   * @param error what its calls reject with from now on
   */
  end(direction: InterestSlot, error: unknown = disposedError(this.#object)): void {
    if (!this.#directions.delete(direction)) return;
    const lane = direction === InterestSlot.Read ? this.reading : this.writing;
    lane.end(error);
    if (this.#directions.size > 0) return;
    this.#readiness?.[Symbol.dispose]();
    this.#hatch?.[Symbol.dispose]();
    if (!this.#given) close(this.fd);
  }

  /** Ends without closing the descriptor, which is the caller's from now on. */
  give(): RawFd {
    this.check();
    this.#given = true;
    this[Symbol.dispose]();
    return this.fd;
  }

  [Symbol.dispose](): void {
    this.end(InterestSlot.Read);
    this.end(InterestSlot.Write);
  }
}
