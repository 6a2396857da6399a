import {
  Activity,
  checkInteger,
  checkPollEvents,
  disposedError,
  type Entry,
  Errno,
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
import type { Engine } from '../engine/engine.js';
import { Operation } from '../engine/operation.js';
import { ExactPoll } from './exact-poll.js';

const { ECANCELED, EMFILE, ENFILE } = Errno;

/** What POLL_ADD does not tell exactly: PRI, and RDHUP, with which it completes without being asked. */
const INEXACT = PollEvents.PRI | PollEvents.RDHUP;

const DESCRIPTORS_RAN_OUT: ReadonlySet<number> = new Set([EMFILE, ENFILE]);

/**
 * The readiness of one descriptor, of a socket as well: a POLL_ADD for each slot that has a waiter.
 *
 * One-shot polls report the state at the time they are armed, so arming after a clear misses nothing.
 *
 * Its methods are private for the compiler only, as a `#method` costs each object a word.
 */
export class RingReadiness extends Activity implements PollFdReady, PollSocketReady {
  readonly #fd: RawFd;
  readonly #engine: Engine;
  readonly #interest = new InterestSet();
  #reading: PollOperation | undefined;
  #writing: PollOperation | undefined;
  /** What few objects have; made when it is needed. */
  #rare: Rare | undefined;

  constructor(fd: RawFd, engine: Engine, hold: LoopHold) {
    super(hold);
    this.#fd = fd;
    this.#engine = engine;
  }

  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.pollSlot(waker, slot, events);
  }

  pollSocketReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    return this.pollSlot(waker, slot, events);
  }

  clearFdReady(slot: InterestSlot): void {
    this.clearSlot(slot);
  }

  clearSocketReady(slot: InterestSlot): void {
    this.clearSlot(slot);
  }

  [Symbol.dispose](): void {
    if (!this.end()) return;
    this.#interest.dispose();
    this.active = false;
    this.disarm(InterestSlot.Read);
    this.disarm(InterestSlot.Write);
    for (const exact of this.#rare?.exact ?? []) exact?.close();
  }

  private pollSlot(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    this.check();
    checkInteger(slot, 'slot', 0, 1);
    checkPollEvents(events);
    const error = this.#rare?.error;
    if (error !== undefined) {
      this.needRare().error = undefined;
      throw error;
    }
    const former = this.#interest.waker(slot);
    const wanted = this.#interest.wanted(slot);
    const ready = this.#interest.poll(slot, waker, events);
    try {
      if (ready === Pending) this.arm(slot);
    } catch (error) {
      // What was armed for the former waiter stands.
      if (former === undefined) this.#interest.withdraw(slot);
      else this.#interest.poll(slot, former, wanted);
      throw error;
    }
    this.active = this.#interest.anyWaiting;
    return ready;
  }

  private clearSlot(slot: InterestSlot): void {
    this.check();
    checkInteger(slot, 'slot', 0, 1);
    this.#interest.clear(slot);
  }

  /** Makes sure that the kernel watches for what the slot's waiter wants. What is watched for stands where this throws. */
  private arm(slot: InterestSlot): void {
    const wanted = this.#interest.wanted(slot);
    const armed = this.armed(slot);
    if (armed !== undefined && (wanted & ~armed.events) === 0) return;
    const operation = this.operationFor(slot, wanted);
    this.disarm(slot);
    this.setArmed(slot, operation);
    this.#engine.enqueue(operation);
  }

  /** In the drain nobody can be told by a throw: the next poll throws instead. */
  private rearm(slot: InterestSlot): void {
    try {
      this.arm(slot);
    } catch (error) {
      this.needRare().error = error;
      this.#interest.wakeAll();
    }
  }

  private operationFor(slot: InterestSlot, wanted: PollEvents): PollOperation {
    if ((wanted & INEXACT) === PollEvents.RDHUP) return new PollOperation(this, pollAdd(this.#fd, wanted));
    const { exact } = this.needRare();
    try {
      const poll = exact[slot] ?? new ExactPoll(this.#fd, this.#engine.descriptors);
      exact[slot] = poll;
      poll.arm(wanted);
      return new ExactOperation(this, poll, wanted);
    } catch (error) {
      // Where no descriptor is left, the loop spins until there is room; to fail would be worse.
      if (!DESCRIPTORS_RAN_OUT.has((error as NodeJS.ErrnoException).errno ?? 0) || (wanted & PollEvents.PRI) !== 0)
        throw error;
      return new PollOperation(this, pollAdd(this.#fd, wanted));
    }
  }

  private needRare(): Rare {
    this.#rare ??= { exact: [undefined, undefined], error: undefined };
    return this.#rare;
  }

  private armed(slot: InterestSlot): PollOperation | undefined {
    return slot === InterestSlot.Read ? this.#reading : this.#writing;
  }

  private setArmed(slot: InterestSlot, operation: PollOperation | undefined): void {
    if (slot === InterestSlot.Read) this.#reading = operation;
    else this.#writing = operation;
  }

  private disarm(slot: InterestSlot): void {
    const armed = this.armed(slot);
    if (armed === undefined) return;
    this.setArmed(slot, undefined);
    if (this.disposed) this.#engine.cancelNow(armed);
    else this.#engine.cancel(armed);
  }

  /** A poll is over. Called by the poll only. */
  polled(operation: PollOperation, result: number): void {
    const slot = operation === this.#reading ? InterestSlot.Read : InterestSlot.Write;
    // A poll that was replaced, or whose object was disposed, has nothing to say any more.
    if (this.armed(slot) !== operation) return;
    this.setArmed(slot, undefined);
    if (result >= 0) {
      const events = operation.eventsOf(result);
      if (events > 0) this.#interest.deliver(slot, events);
    } else if (!this.#engine.open) {
      this.#interest.wakeAll();
    } else if (result !== ECANCELED) {
      this.needRare().error = systemError(result, 'poll_add', { fd: this.#fd });
      this.#interest.wakeAll();
    }
    if (this.disposed) return;
    // Somebody else cancelled it, or its events were not what the slot's present waiter wants.
    if (this.#interest.waiting(slot) && this.#engine.open) this.rearm(slot);
    this.active = this.#interest.anyWaiting;
  }

  private check(): void {
    if (this.disposed) throw disposedError('readiness object');
    this.#engine.checkOpen();
  }
}

/** What few readiness objects have. */
interface Rare {
  /** By slot; made for the first waiter for PRI, or without RDHUP. */
  readonly exact: [ExactPoll | undefined, ExactPoll | undefined];
  /** What the next poll throws. */
  error: unknown;
}

class PollOperation extends Operation {
  readonly entry: Entry;
  readonly #owner: RingReadiness;

  constructor(owner: RingReadiness, entry: Entry) {
    super();
    this.#owner = owner;
    this.entry = entry;
  }

  /** What the operation stands for. */
  get events(): PollEvents {
    return this.entry.opFlags;
  }

  complete(result: number): void {
    this.#owner.polled(this, result);
  }

  /** The events that its result tells of. Asked only if somebody still waits for them. */
  eventsOf(result: number): PollEvents {
    return result;
  }
}

/** The poll of the epoll set that is between the ring and a descriptor. */
class ExactOperation extends PollOperation {
  readonly #poll: ExactPoll;
  readonly #events: PollEvents;

  constructor(owner: RingReadiness, poll: ExactPoll, events: PollEvents) {
    super(owner, pollAdd(poll.fd, PollEvents.IN));
    this.#poll = poll;
    this.#events = events;
  }

  override get events(): PollEvents {
    return this.#events;
  }

  /** Taken from the set, which the next poll has armed again if this one was replaced, and whose number may be another's. */
  override eventsOf(): PollEvents {
    return this.#poll.take();
  }
}
