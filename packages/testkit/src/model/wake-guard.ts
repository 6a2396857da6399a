import { Pending, type Waker } from '@polyring/core';
import { Disagreement } from './disagreement.js';
import type { Trace } from './trace.js';
import type { Waiter } from './waiter.js';

/** Stands between a program and the driver: it makes the wakers, and judges when they run. */
export class WakeGuard {
  readonly #trace: Trace;
  #calling: string | undefined;
  #disagreement: unknown;
  #reactions = 0;
  #over = false;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** How many reactions have run. */
  get reactions(): number {
    return this.#reactions;
  }

  /** Calls the driver. It may neither throw nor run a waker meanwhile. */
  call<T>(what: string, call: () => T): T {
    const outer = this.#calling;
    this.#calling = what;
    try {
      return call();
    } catch (error) {
      throw new Disagreement(`${what} threw ${String(error)}`, { cause: error });
    } finally {
      this.#calling = outer;
      this.check();
    }
  }

  /** Holds the driver to throw ERR_POLYRING_DISPOSED. */
  refused(what: string, call: () => unknown): void {
    let answer: unknown;
    try {
      answer = call();
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'ERR_POLYRING_DISPOSED') return;
      throw new Disagreement(`${what} after disposal threw ${String(error)}`, { cause: error });
    }
    const told = answer === Pending ? 'Pending' : String(answer);
    throw new Disagreement(`${what} after disposal answered ${told} instead of throwing ERR_POLYRING_DISPOSED`);
  }

  /** A waker for the poll that a waiter begins. It does the reaction when it is called first. */
  waker(waiter: Waiter, step: number, reaction?: () => void): Waker {
    const poll = waiter.begin(step);
    return () => {
      if (this.#over) return;
      this.#trace.note(`${waiter.name} was woken`);
      try {
        if (this.#calling !== undefined) throw new Disagreement(`a waker ran inside ${this.#calling}`);
        if (waiter.disposed) throw new Disagreement(`${waiter.name} was woken after it was disposed`);
        if (waiter.poll !== poll)
          throw new Disagreement(`${waiter.name} was woken by a waker which a later poll replaced`);
        if (!waiter.wake() || reaction === undefined) return;
        this.#reactions += 1;
        this.#trace.note('in this waker:');
        reaction();
        this.#trace.note('after this waker:');
      } catch (error) {
        this.#disagreement ??= error;
      }
    };
  }

  /** Throws the first disagreement that a waker met, for the program: a waker throws nothing to the driver. */
  check(): void {
    if (this.#disagreement !== undefined) throw this.#disagreement;
  }

  /** The program is over, whatever the driver still does. */
  end(): void {
    this.#over = true;
  }
}
