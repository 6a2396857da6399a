import type { Driver } from '@polyring/core';
import { IN_MOVED_FROM, IN_MOVED_TO, IN_Q_OVERFLOW, type InotifyEvent } from '@polyring/sys';
import { TimeLimit } from '../transfer/time-limit.js';

/** Milliseconds that the second half of a move may come after the first. The kernel makes both in one system call. */
const GRACE = 10;

/** Who is told of events in order, moves in one piece. It throws nothing. */
export interface MoveListener {
  /** The first half is undefined for what came from outside, the second for what left. */
  moved(from: InotifyEvent | undefined, to: InotifyEvent | undefined): void;
  happened(event: InotifyEvent): void;
  /** A first half has waited long enough: it is told of if nothing is left to add ({@link MovePairs.allAdded}). */
  passed(): void;
}

/** An event in line, and the second half of its move if that has come. */
interface Queued {
  readonly event: InotifyEvent;
  readonly arrived: number;
  second: InotifyEvent | undefined;
}

/**
 * Joins the two events of a move by their cookie. The kernel does not promise to queue them side by side, nor that both
 * are there when one is read; so what comes behind a first half waits until the second has come, or will not come.
 */
export class MovePairs implements Disposable {
  readonly #driver: Driver;
  readonly #listener: MoveListener;
  readonly #queue: Queued[] = [];
  /** The first halves in line whose second may still come, by their cookie. */
  readonly #alone = new Map<number, Queued>();
  /** The first in line, while its time goes on. */
  #awaited: Queued | undefined;
  #limit: TimeLimit | undefined;

  constructor(driver: Driver, listener: MoveListener) {
    this.#driver = driver;
    this.#listener = listener;
  }

  add(events: readonly InotifyEvent[]): void {
    const arrived = performance.now();
    for (const event of events) this.#add({ event, arrived, second: undefined });
    this.#advance();
  }

  /**
   * Nothing is left to add of what had happened by then, so a first half whose time had passed stays alone.
   *
   * @param then when the kernel was asked, by the clock of `performance.now()`
   */
  allAdded(then: number): void {
    for (const [cookie, { arrived }] of this.#alone) if (arrived + GRACE <= then) this.#alone.delete(cookie);
    this.#advance();
  }

  [Symbol.dispose](): void {
    this.#limit?.[Symbol.dispose]();
  }

  #add(queued: Queued): void {
    const { mask, cookie } = queued.event;
    const first = (mask & IN_MOVED_TO) === 0 ? undefined : this.#alone.get(cookie);
    if (first === undefined) this.#queue.push(queued);
    else first.second = queued.event;
    if ((mask & IN_MOVED_FROM) !== 0) this.#alone.set(cookie, queued);
    else if (first !== undefined) this.#alone.delete(cookie);
    // What was to come is lost. And where events come faster than they are read there may be no other end of waiting.
    if ((mask & IN_Q_OVERFLOW) !== 0) this.#alone.clear();
  }

  /** Tells of what waits for no second half. */
  #advance(): void {
    const held = this.#queue.findIndex(({ event }) => this.#alone.has(event.cookie));
    for (const queued of this.#queue.splice(0, held < 0 ? this.#queue.length : held)) this.#tell(queued);
    const [first] = this.#queue;
    if (first === this.#awaited) return;
    this.#limit?.[Symbol.dispose]();
    this.#awaited = first;
    if (first === undefined) return;
    // Where its time has passed there may be more to add, for which the loop has to turn.
    const left = Math.max(first.arrived + GRACE - performance.now(), 1);
    this.#limit = new TimeLimit(this.#driver, left, this.#passed);
  }

  readonly #passed = (): void => {
    this.#awaited = undefined;
    this.#listener.passed();
  };

  #tell({ event, second }: Queued): void {
    if ((event.mask & IN_MOVED_FROM) !== 0) this.#listener.moved(event, second);
    else if ((event.mask & IN_MOVED_TO) !== 0) this.#listener.moved(undefined, event);
    else this.#listener.happened(event);
  }
}
