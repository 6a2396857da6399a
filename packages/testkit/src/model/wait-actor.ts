import { type Driver, Pending, type PollWait, type RawFd } from '@polyring/core';
import type { Actor, Stage } from './actor.js';
import { Disagreement } from './disagreement.js';
import type { WaitName } from './step.js';
import { Waiter } from './waiter.js';

/** The questions that a wait asks its source's model. */
export interface WaitModel {
  waiting(wait: string, size: number): void;
  waited(wait: string, value: bigint): void;
  waitedShort(wait: string, value: bigint): void;
  cancelled(wait: string, consumed: boolean, value: bigint): void;
  waitSilent(wait: string, size: number, what: string): void;
  withdraw(wait: string): void;
}

/** What a wait is for. */
export interface WaitTarget {
  readonly fd: RawFd;
  readonly size: number;
  readonly model: WaitModel;
  /** A read was short: the stream may be at its end. */
  short(): void;
}

/** A consuming wait in a program. */
export class WaitActor implements Actor {
  readonly waiters: readonly [Waiter];
  readonly #stage: Stage;
  readonly #target: WaitTarget;
  readonly #wait: PollWait;
  #cancelling = false;

  constructor(name: WaitName, driver: Driver, target: WaitTarget, stage: Stage) {
    this.#stage = stage;
    this.#target = target;
    this.waiters = [new Waiter(name)];
    this.#wait = stage.guard.call(`newDynWait for ${name}`, () => driver.newDynWait(target.fd, target.size));
  }

  /** Whether a wait is under way and is not being cancelled. */
  get waiting(): boolean {
    return this.waiters[0].pending && !this.#cancelling;
  }

  /** Whether a cancel is under way: until it is over, a program may not wait again. */
  get cancelling(): boolean {
    return this.#cancelling;
  }

  /** Polls, and holds what is read to the model. */
  poll(reaction?: () => void): void {
    const { trace, guard } = this.#stage;
    const { model, size } = this.#target;
    const [waiter] = this.waiters;
    const waker = guard.waker(waiter, trace.step(`poll ${waiter.name}`), reaction);
    model.waiting(waiter.name, size);
    const answer = guard.call('pollWait', () => shortOr(() => this.#wait.pollWait(waker)));
    waiter.answered(answer === Pending);
    if (answer === Pending) {
      trace.answer('Pending');
      return;
    }
    const { value } = this.#wait;
    if (answer === SHORT) {
      trace.answer(`a short read, value ${value}`);
      model.waitedShort(waiter.name, value);
      this.#target.short();
    } else {
      trace.answer(`value ${value}`);
      model.waited(waiter.name, value);
    }
  }

  cancel(reaction?: () => void): void {
    const { trace, guard } = this.#stage;
    const [waiter] = this.waiters;
    const underWay = waiter.pending;
    const waker = guard.waker(waiter, trace.step(`cancel ${waiter.name}`), reaction);
    const answer = guard.call('pollCancelWait', () => this.#wait.pollCancelWait(waker));
    trace.answer(answer === Pending ? 'Pending' : String(answer));
    this.#cancelling = answer === Pending;
    waiter.answered(answer === Pending);
    if (!underWay && answer !== false) throw new Disagreement('a cancel is not false, and no wait was under way');
    if (answer !== Pending) this.#target.model.cancelled(waiter.name, answer, this.#wait.value);
  }

  checkSilent(): void {
    const [{ silent, name, step }] = this.waiters;
    if (!silent) return;
    const what = `${name} was not woken after step ${step}`;
    if (this.#cancelling) throw new Disagreement(`${what}, which cancelled it`);
    this.#target.model.waitSilent(name, this.#target.size, what);
  }

  pollWoken(): void {
    if (!this.waiters[0].woken) return;
    if (this.#cancelling) this.cancel();
    else this.poll();
  }

  dispose(): void {
    const { guard } = this.#stage;
    const [waiter] = this.waiters;
    guard.call('dispose', () => this.#wait[Symbol.dispose]());
    waiter.dispose();
    this.#target.model.withdraw(waiter.name);
    guard.refused('pollWait', () => this.#wait.pollWait(() => {}));
  }
}

const SHORT = Symbol('short read');

function shortOr<T>(poll: () => T): T | typeof SHORT {
  try {
    return poll();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'ERR_POLYRING_SHORT_READ') return SHORT;
    throw error;
  }
}
