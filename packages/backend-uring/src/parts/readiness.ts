import {
  Activity,
  ALL_EVENTS,
  checkInteger,
  disposedError,
  InterestSet,
  type InterestSlot,
  type LoopHold,
  Pending,
  type Poll,
  PollEvents,
  type PollFdReady,
  type PollSocketReady,
  pollAdd,
  type RawFd,
  systemError,
  type Waker,
} from '@polyring/core';
import { ERRNO } from '../abi.js';
import type { NativeRing } from '../binding.js';
import type { Engine } from '../engine.js';
import { Operation } from '../operation.js';
import { UrgentPoll } from './urgent-poll.js';

/**
 * The readiness of one descriptor, of a socket as well: a POLL_ADD for each slot that has a waiter.
 *
 * One-shot polls report the state at the time they are armed, so arming after a clear misses nothing.
 */
export class RingReadiness implements PollFdReady, PollSocketReady {
  readonly #fd: RawFd;
  readonly #engine: Engine;
  readonly #interest = new InterestSet();
  readonly #activity: Activity;
  readonly #armed: [PollOperation | undefined, PollOperation | undefined] = [undefined, undefined];
  readonly #urgent: [UrgentPoll | undefined, UrgentPoll | undefined] = [undefined, undefined];
  readonly #native: NativeRing;
  #error: unknown;
  #disposed = false;

  constructor(fd: RawFd, engine: Engine, native: NativeRing, hold: LoopHold) {
    this.#fd = fd;
    this.#engine = engine;
    this.#native = native;
    this.#activity = new Activity(hold);
  }

  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#poll(waker, slot, events);
  }

  pollSocketReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.#poll(waker, slot, events);
  }

  clearFdReady(slot: InterestSlot): void {
    this.#clear(slot);
  }

  clearSocketReady(slot: InterestSlot): void {
    this.#clear(slot);
  }

  ref(): this {
    this.#activity.ref();
    return this;
  }

  unref(): this {
    this.#activity.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#activity.hasRef();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#interest.dispose();
    this.#activity.active = false;
    for (const slot of [0, 1] as const) {
      this.#disarm(slot);
      this.#urgent[slot]?.close();
    }
  }

  #poll(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    this.#check();
    checkInteger(slot, 'slot', 0, 1);
    checkInteger(events, 'events', 0, ALL_EVENTS);
    const error = this.#error;
    if (error !== undefined) {
      this.#error = undefined;
      throw error;
    }
    const ready = this.#interest.poll(slot, waker, events);
    if (ready === Pending) this.#arm(slot);
    this.#activity.active = this.#interest.anyWaiting;
    return ready;
  }

  #clear(slot: InterestSlot): void {
    this.#check();
    checkInteger(slot, 'slot', 0, 1);
    this.#interest.clear(slot);
  }

  /** Makes sure that the kernel watches for what the slot's waiter wants. */
  #arm(slot: InterestSlot): void {
    const wanted = this.#interest.wanted(slot);
    const armed = this.#armed[slot];
    if (armed !== undefined && (wanted & ~armed.events) === 0) return;
    this.#disarm(slot);
    const operation = this.#operation(slot, wanted);
    this.#armed[slot] = operation;
    this.#engine.enqueue(operation);
  }

  /** In the drain nobody can be told by a throw: the next poll throws instead. */
  #rearm(slot: InterestSlot): void {
    try {
      this.#arm(slot);
    } catch (error) {
      this.#error = error;
      this.#interest.wakeAll();
    }
  }

  #operation(slot: InterestSlot, wanted: PollEvents): PollOperation {
    if ((wanted & PollEvents.PRI) === 0) {
      const operation = new PollOperation(this.#fd, wanted, wanted, (result) =>
        this.#complete(slot, operation, result),
      );
      return operation;
    }
    const urgent = this.#urgent[slot] ?? new UrgentPoll(this.#fd, this.#native);
    this.#urgent[slot] = urgent;
    urgent.arm(wanted);
    const operation = new PollOperation(urgent.fd, PollEvents.IN, wanted, (result) =>
      this.#complete(slot, operation, result < 0 ? result : urgent.take()),
    );
    return operation;
  }

  #disarm(slot: InterestSlot): void {
    const armed = this.#armed[slot];
    if (armed === undefined) return;
    this.#armed[slot] = undefined;
    if (this.#disposed) this.#engine.cancelNow(armed);
    else this.#engine.cancel(armed);
  }

  #complete(slot: InterestSlot, operation: PollOperation, result: number): void {
    // A poll that was replaced, or whose object was disposed, has nothing to say any more.
    if (this.#armed[slot] !== operation) return;
    this.#armed[slot] = undefined;
    if (result >= 0) {
      if (result > 0) this.#interest.deliver(slot, result);
    } else if (this.#engine.closed || this.#engine.failure !== undefined) {
      this.#interest.wakeAll();
    } else if (result !== ERRNO.ECANCELED) {
      this.#error = systemError(result, 'poll_add', { fd: this.#fd });
      this.#interest.wakeAll();
    }
    if (this.#disposed) return;
    // Somebody else cancelled it, or its events were not what the slot's present waiter wants.
    if (this.#interest.waiting(slot) && !this.#engine.closed && this.#engine.failure === undefined) this.#rearm(slot);
    this.#activity.active = this.#interest.anyWaiting;
  }

  #check(): void {
    if (this.#disposed) throw disposedError('readiness object');
    this.#engine.checkOpen();
  }
}

class PollOperation extends Operation {
  readonly entry;
  readonly events: PollEvents;
  readonly complete: (result: number) => void;

  /** @param events what the operation stands for, which is not what is asked of an epoll set in between */
  constructor(fd: RawFd, asked: PollEvents, events: PollEvents, complete: (result: number) => void) {
    super();
    this.entry = pollAdd(fd, asked);
    this.events = events;
    this.complete = complete;
  }
}
