import {
  Activity,
  ALL_EVENTS,
  checkInteger,
  disposedError,
  type Entry,
  InterestSet,
  InterestSlot,
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
export class RingReadiness extends Activity implements PollFdReady, PollSocketReady {
  readonly #fd: RawFd;
  readonly #engine: Engine;
  readonly #interest = new InterestSet();
  #reading: PollOperation | undefined;
  #writing: PollOperation | undefined;
  /** By slot; made for the first waiter for PRI. */
  #urgent: [UrgentPoll | undefined, UrgentPoll | undefined] | undefined;
  readonly #native: NativeRing;
  #error: unknown;
  #disposed = false;

  constructor(fd: RawFd, engine: Engine, native: NativeRing, hold: LoopHold) {
    super(hold);
    this.#fd = fd;
    this.#engine = engine;
    this.#native = native;
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

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#interest.dispose();
    this.active = false;
    this.#disarm(InterestSlot.Read);
    this.#disarm(InterestSlot.Write);
    for (const urgent of this.#urgent ?? []) urgent?.close();
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
    this.active = this.#interest.anyWaiting;
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
    const armed = this.#armed(slot);
    if (armed !== undefined && (wanted & ~armed.events) === 0) return;
    this.#disarm(slot);
    const operation = this.#operation(slot, wanted);
    this.#setArmed(slot, operation);
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
    if ((wanted & PollEvents.PRI) === 0) return new PollOperation(this, slot, this.#fd, wanted);
    this.#urgent ??= [undefined, undefined];
    const urgent = this.#urgent[slot] ?? new UrgentPoll(this.#fd, this.#native);
    this.#urgent[slot] = urgent;
    urgent.arm(wanted);
    return new PollOperation(this, slot, urgent.fd, wanted, urgent);
  }

  #armed(slot: InterestSlot): PollOperation | undefined {
    return slot === InterestSlot.Read ? this.#reading : this.#writing;
  }

  #setArmed(slot: InterestSlot, operation: PollOperation | undefined): void {
    if (slot === InterestSlot.Read) this.#reading = operation;
    else this.#writing = operation;
  }

  #disarm(slot: InterestSlot): void {
    const armed = this.#armed(slot);
    if (armed === undefined) return;
    this.#setArmed(slot, undefined);
    if (this.#disposed) this.#engine.cancelNow(armed);
    else this.#engine.cancel(armed);
  }

  /** A poll is over. Called by the poll only. */
  polled(operation: PollOperation, result: number): void {
    const slot = operation.interestSlot;
    // A poll that was replaced, or whose object was disposed, has nothing to say any more.
    if (this.#armed(slot) !== operation) return;
    this.#setArmed(slot, undefined);
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
    this.active = this.#interest.anyWaiting;
  }

  #check(): void {
    if (this.#disposed) throw disposedError('readiness object');
    this.#engine.checkOpen();
  }
}

class PollOperation extends Operation {
  readonly entry: Entry;
  readonly interestSlot: InterestSlot;
  readonly #owner: RingReadiness;
  readonly #urgent: UrgentPoll | undefined;
  /** What the operation stands for, which is not what is asked of an epoll set in between. */
  readonly events: PollEvents;

  constructor(owner: RingReadiness, slot: InterestSlot, fd: RawFd, events: PollEvents, urgent?: UrgentPoll) {
    super();
    this.#owner = owner;
    this.interestSlot = slot;
    this.entry = pollAdd(fd, urgent === undefined ? events : PollEvents.IN);
    this.events = events;
    this.#urgent = urgent;
  }

  complete(result: number): void {
    this.#owner.polled(this, result < 0 || this.#urgent === undefined ? result : this.#urgent.take());
  }
}
