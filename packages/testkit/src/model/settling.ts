import { now } from '@polyring/core';
import type { Actor } from './actor.js';
import type { Delivery } from './delivery.js';
import { Disagreement } from './disagreement.js';
import type { Scene } from './scene.js';
import type { TimerActor } from './timer-actor.js';
import type { WakeGuard } from './wake-guard.js';

/** Polls that may be pending after a wake, in a row, for a waiter that has nothing more to expect. */
const SPURIOUS_WAKES = 20;
/** Milliseconds. A timer that is further away is not waited for. */
const NEAR = 1000;

/** Brings a program to where the driver owes it nothing, and finds what it does not deliver. */
export class Settling {
  readonly #scene: Scene;
  readonly #delivery: Delivery;
  readonly #guard: WakeGuard;

  constructor(scene: Scene, delivery: Delivery, guard: WakeGuard) {
    this.#scene = scene;
    this.#delivery = delivery;
    this.#guard = guard;
  }

  /** Waits until everything that was raised has been delivered, and asks who was not woken. */
  async settle(): Promise<void> {
    let reactions: number;
    do {
      reactions = this.#guard.reactions;
      await this.#delivery.all();
      for (const timer of this.#scene.timers) if (timer.due <= now()) await this.expire(timer);
      this.#guard.check();
    } while (this.#guard.reactions !== reactions);
    for (const actor of this.#scene.actors) actor.checkSilent();
    for (const [, { model }] of this.#scene.sources) model.settled();
  }

  /** Waits until a timer that is pending was woken, if its deadline is near. */
  async expire(timer: TimerActor): Promise<void> {
    const [waiter] = timer.waiters;
    const { due } = timer;
    if (!isNear(due)) return;
    const { patience } = this.#delivery;
    await this.#delivery.inTime(waiter.wakeUp(), Math.max(0, due - now()) + patience);
    this.#guard.check();
    if (now() - timer.due < patience) return;
    await this.#delivery.all();
    const late = now() - timer.due;
    if (late >= patience) throw new Disagreement(`${waiter.name} was not woken for ${late} ms after its deadline`);
  }

  /** Lets so many milliseconds pass, on the driver's own clock. */
  async pass(milliseconds: number): Promise<void> {
    const timer = this.#scene.timer('clock');
    timer.poll(milliseconds);
    await this.expire(timer);
    this.#scene.dispose('clock');
  }

  /** Polls whoever is woken, until nobody is who polled. */
  async quieten(): Promise<void> {
    for (let wakes = 0; this.#waiters().some(({ pending }) => pending); wakes += 1) {
      for (const timer of this.#scene.timers) await this.expire(timer);
      await this.settle();
      const woken = this.#waiters().filter((waiter) => waiter.woken);
      if (woken.length === 0) return;
      if (wakes === SPURIOUS_WAKES) {
        throw new Disagreement(`${woken.map(({ name }) => name).join(', ')}: woken again and again, and never ready`);
      }
      for (const actor of this.#scene.actors) actor.pollWoken();
    }
  }

  #waiters(): Actor['waiters'][number][] {
    return this.#scene.actors.flatMap(({ waiters }) => waiters);
  }
}

/** Whether a deadline is worth waiting for. */
export function isNear(deadline: number): boolean {
  return deadline - now() < NEAR;
}
