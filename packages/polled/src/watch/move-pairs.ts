import type { Driver } from '@polyring/core';
import { IN_MOVED_FROM, IN_MOVED_TO, type InotifyEvent } from '@polyring/sys';
import { TimeLimit } from '../transfer/time-limit.js';

/** Milliseconds that the second half of a move may come after the first. The kernel makes both in one system call. */
const GRACE = 10;

/** Who is told of events in order, moves in one piece. It throws nothing. */
export interface MoveListener {
  /** The first half is undefined for what came from outside, the second for what left. */
  moved(from: InotifyEvent | undefined, to: InotifyEvent | undefined): void;
  happened(event: InotifyEvent): void;
  /** Something was told that did not come with new events. */
  advanced(): void;
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
  /** The first halves that are in line without the second, by their cookie. */
  readonly #alone = new Map<number, Queued>();
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
  }

  #advance(): void {
    this.#limit?.[Symbol.dispose]();
    this.#limit = undefined;
    const now = performance.now();
    let told = 0;
    for (const queued of this.#queue) {
      const left = this.#alone.has(queued.event.cookie) ? queued.arrived + GRACE - now : 0;
      if (left > 0) {
        this.#limit = new TimeLimit(this.#driver, left, this.#passed);
        break;
      }
      told += 1;
      this.#tell(queued);
    }
    this.#queue.splice(0, told);
  }

  #tell({ event, second }: Queued): void {
    this.#alone.delete(event.cookie);
    if ((event.mask & IN_MOVED_FROM) !== 0) this.#listener.moved(event, second);
    else if ((event.mask & IN_MOVED_TO) !== 0) this.#listener.moved(undefined, event);
    else this.#listener.happened(event);
  }

  readonly #passed = (): void => {
    this.#advance();
    this.#listener.advanced();
  };
}
