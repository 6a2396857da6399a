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

/**
 * Joins the two events of a move by their cookie. The kernel does not promise to queue them side by side, nor that both
 * are there when one is read; so what comes behind a first half waits until the second has come, or will not come.
 */
export class MovePairs implements Disposable {
  readonly #driver: Driver;
  readonly #listener: MoveListener;
  readonly #events: InotifyEvent[] = [];
  #limit: TimeLimit | undefined;

  constructor(driver: Driver, listener: MoveListener) {
    this.#driver = driver;
    this.#listener = listener;
  }

  add(events: readonly InotifyEvent[]): void {
    this.#events.push(...events);
    this.#advance(false);
  }

  [Symbol.dispose](): void {
    this.#limit?.[Symbol.dispose]();
  }

  /** @param expired the second half of the first event does not come any more */
  #advance(expired: boolean): void {
    let alone = expired;
    for (let event = this.#events[0]; event !== undefined; event = this.#events[0]) {
      if ((event.mask & IN_MOVED_FROM) === 0) {
        this.#events.shift();
        if ((event.mask & IN_MOVED_TO) !== 0) this.#listener.moved(undefined, event);
        else this.#listener.happened(event);
        continue;
      }
      const { cookie } = event;
      const index = this.#events.findIndex(({ mask, cookie: other }) => (mask & IN_MOVED_TO) !== 0 && other === cookie);
      if (index < 0 && !alone) {
        this.#limit ??= new TimeLimit(this.#driver, GRACE, this.#passed);
        return;
      }
      alone = false;
      this.#limit?.[Symbol.dispose]();
      this.#limit = undefined;
      const [to] = index < 0 ? [] : this.#events.splice(index, 1);
      this.#events.shift();
      this.#listener.moved(event, to);
    }
  }

  readonly #passed = (): void => {
    this.#limit = undefined;
    this.#advance(true);
    this.#listener.advanced();
  };
}
