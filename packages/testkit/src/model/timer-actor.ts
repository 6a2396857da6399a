import { after, type Driver, type Instant, now, Pending, type PollTimer } from '@polyring/core';
import type { Actor, Stage } from './actor.js';
import { Disagreement } from './disagreement.js';
import type { TimerName } from './step.js';
import { Waiter } from './waiter.js';

/** A timer in a program. What the contract allows of it follows from its deadline alone. */
export class TimerActor implements Actor {
  readonly waiters: readonly [Waiter];
  readonly #stage: Stage;
  readonly #timer: PollTimer;
  #deadline: Instant | undefined;
  /** Since when a wake is due, if none came: the deadline, or later if it was set when it had passed. */
  #due = Number.POSITIVE_INFINITY;

  constructor(name: TimerName, driver: Driver, stage: Stage) {
    this.#stage = stage;
    this.waiters = [new Waiter(name)];
    this.#timer = stage.guard.call('newDynTimer', () => driver.newDynTimer());
  }

  /** When a wake that has not come is due. Infinity where none is. */
  get due(): number {
    return this.waiters[0].silent ? this.#due : Number.POSITIVE_INFINITY;
  }

  poll(milliseconds?: number, reaction?: () => void): void {
    const { trace, guard } = this.#stage;
    const [waiter] = this.waiters;
    const step = trace.step(`poll ${waiter.name}${milliseconds === undefined ? '' : ` for ${inWords(milliseconds)}`}`);
    const waker = guard.waker(waiter, step, reaction);
    const deadline = milliseconds === undefined ? undefined : after(milliseconds);
    const before = now();
    const answer = guard.call('pollTimer', () => this.#timer.pollTimer(waker, deadline));
    const time = now();
    trace.answer(answer === Pending ? 'Pending' : 'ready');
    waiter.answered(answer === Pending);
    if (deadline !== undefined) this.#deadline = deadline;
    this.#due = Math.max(this.#deadline ?? time, time);
    this.#judge(answer, before, time);
  }

  move(milliseconds: number): void {
    const { trace, guard } = this.#stage;
    trace.step(`set ${this.waiters[0].name} to ${inWords(milliseconds)}`);
    const deadline = after(milliseconds);
    guard.call('setDeadline', () => this.#timer.setDeadline(deadline));
    this.#deadline = deadline;
    this.#due = Math.max(deadline, now());
  }

  /** Nothing: whether a timer is late can be told by the clock only. */
  checkSilent(): void {}

  pollWoken(): void {
    if (this.waiters[0].woken) this.poll();
  }

  dispose(): void {
    const { guard } = this.#stage;
    guard.call('dispose', () => this.#timer[Symbol.dispose]());
    this.waiters[0].dispose();
    guard.refused('pollTimer', () => this.#timer.pollTimer(() => {}));
  }

  #judge(answer: Instant | typeof Pending, before: Instant, time: Instant): void {
    const deadline = this.#deadline;
    if (answer === Pending) {
      if (deadline === undefined) throw new Disagreement('Pending, and no deadline was ever set');
      if (before >= deadline) throw new Disagreement(`Pending, ${before - deadline} ms after the deadline`);
      return;
    }
    if (deadline !== undefined && time < deadline) throw new Disagreement(`ready ${deadline - time} ms early`);
    if (deadline !== undefined && answer < deadline) throw new Disagreement('ready with a time before the deadline');
    if (answer > time) throw new Disagreement('ready with a time that has not come');
  }
}

function inWords(milliseconds: number): string {
  return milliseconds < 0 ? `${-milliseconds} ms ago` : `${milliseconds} ms from now`;
}
