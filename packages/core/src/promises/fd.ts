import { checkDriver } from '../contract/check-driver.js';
import type { Driver } from '../contract/driver.js';
import type { PollFdReady } from '../contract/fd-ready.js';
import type { Referenced } from '../contract/reference.js';
import { checkInteger, invalidArgType } from '../errors/argument-error.js';
import { disposedError } from '../errors/polyring-error.js';
import { Pending } from '../values/poll.js';
import { ALWAYS_REPORTED, checkPollEvents, InterestSlot, PollEvents } from '../values/poll-events.js';
import type { RawFd } from '../values/raw-fd.js';
import { type PollOptions, requireSignal, Waiter } from './waiter.js';

/** One caller of {@link PolledFd.ready} and what it asked for. */
interface Caller {
  readonly events: PollEvents;
  readonly waiter: Waiter<PollEvents>;
}

/** The callers of one slot. A slot that was given up has a waker at the driver, but no caller. */
class Slot {
  callers: Caller[] = [];
  givenUp = false;
}

/**
 * The readiness of a descriptor as promises. Dispose of it before closing the descriptor.
 *
 * Callers who wait on the same slot share it: the driver is asked for the events of all of
 * them together, and each resolves when one of its own holds. Readiness stays reported to
 * every caller of a slot until {@link clear}. A caller whose events the driver refuses leaves
 * the others waiting, unless the refusal is EBADF, which is told to all of them.
 */
export class PolledFd implements Disposable, Referenced {
  readonly #ready: PollFdReady;
  readonly #slots = [new Slot(), new Slot()] as const;
  readonly #wakers = [() => this.#wake(InterestSlot.Read), () => this.#wake(InterestSlot.Write)] as const;
  #referenced = true;
  #disposed = false;

  /**
   * @param fd stays the caller's
   * @throws EBADF; EPERM for what the kernel cannot poll, such as a regular file; ERR_POLYRING_CLOSED
   */
  constructor(driver: Driver, fd: RawFd) {
    checkDriver(driver);
    this.#ready = driver.newDynFdReady(fd);
  }

  /**
   * Waits until one of the events holds. HUP, ERR and RDHUP end the wait whatever was asked for.
   *
   * @returns the events that hold, never an empty set
   * @throws (rejects) AbortError; ERR_POLYRING_DISPOSED; ERR_POLYRING_CLOSED; the system error of the kernel's poll;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  ready(slot: InterestSlot, events: PollEvents, options?: PollOptions): Promise<PollEvents> {
    try {
      this.#check(slot);
      checkPollEvents(events);
      const signal = requireSignal(options);
      const caller: Caller = { events, waiter: new Waiter(signal, () => this.#abort(slot, caller)) };
      this.#slots[slot].callers.push(caller);
      this.#poll(slot, caller);
      return caller.waiter.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits on the reading slot until there is something to read. See {@link ready}. */
  readable(options?: PollOptions): Promise<PollEvents> {
    return this.ready(InterestSlot.Read, PollEvents.IN, options);
  }

  /** Waits on the writing slot until writing does not block. See {@link ready}. */
  writable(options?: PollOptions): Promise<PollEvents> {
    return this.ready(InterestSlot.Write, PollEvents.OUT, options);
  }

  /** Forgets the readiness of a slot. The caller has read or written until EAGAIN. */
  clear(slot: InterestSlot): void {
    this.#check(slot);
    this.#ready.clearFdReady(slot);
  }

  /**
   * Does I/O that does not block when the descriptor is ready, and again until it did not say EAGAIN.
   *
   * After HUP, ERR or the end of a stream do not wait again: they need not be reported a second time.
   *
   * @param io a synchronous function, given the events that hold. For EAGAIN it returns undefined or `Pending`, or
   * throws an error with that code, as `fs.readSync` does: the slot is cleared, and it is called at the next event
   * @returns what `io` returned
   * @throws (rejects) what `io` threw; otherwise as {@link ready}
   */
  async pollIo<T>(
    slot: InterestSlot,
    events: PollEvents,
    io: (ready: PollEvents) => T | undefined | Pending,
    options?: PollOptions,
  ): Promise<T> {
    if (typeof io !== 'function') throw invalidArgType('io', 'of type function', io);
    for (;;) {
      const ready = await this.ready(slot, events, options);
      // Disposal may have come behind the event, and the number may mean another file by now.
      this.#check(slot);
      const result = unlessAgain(io, ready);
      if (result !== undefined && result !== Pending) return result;
      this.clear(slot);
    }
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#referenced = true;
    this.#settleReference();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#referenced = false;
    this.#settleReference();
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** Ends every wait, whose promise rejects with ERR_POLYRING_DISPOSED, and lets go of the descriptor. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#ready[Symbol.dispose]();
    for (const { callers } of this.#slots) {
      for (const { waiter } of callers.splice(0)) waiter.reject(disposedError('descriptor'));
    }
  }

  #check(slot: InterestSlot): void {
    checkInteger(slot, 'slot', InterestSlot.Read, InterestSlot.Write);
    if (this.#disposed) throw disposedError('descriptor');
  }

  #wake(slot: InterestSlot): void {
    this.#slots[slot].givenUp = false;
    this.#poll(slot);
    this.#settleReference();
  }

  /**
   * Asks for the events of all callers of a slot, and settles those whose events hold, until none of the others do.
   *
   * @param newest the caller for whom it is asked, if the others have waited before
   */
  #poll(slot: InterestSlot, newest?: Caller): void {
    const state = this.#slots[slot];
    while (state.callers.length > 0) {
      state.givenUp = false;
      this.#settleReference();
      let events: PollEvents = 0;
      for (const caller of state.callers) events |= caller.events;
      try {
        const ready = this.#ready.pollFdReady(this.#wakers[slot], slot, events);
        if (ready === Pending) return;
        const waiting = state.callers.filter((caller) => !holds(caller, ready));
        const done = state.callers.filter((caller) => holds(caller, ready));
        // A driver that answers with an empty set must not keep the thread here.
        if (done.length === 0) return;
        state.callers = waiting;
        for (const { events: asked, waiter } of done) waiter.resolve(ready & (asked | ALWAYS_REPORTED));
      } catch (error) {
        const isOwn = state.callers.at(-1) === newest && !isClosed(error);
        for (const { waiter } of state.callers.splice(isOwn ? -1 : 0)) waiter.reject(error);
        // The driver may still wait for what the last poll asked for.
        state.givenUp = true;
        this.#settleReference();
      }
    }
  }

  #abort(slot: InterestSlot, caller: Caller): void {
    const state = this.#slots[slot];
    state.callers.splice(state.callers.indexOf(caller), 1);
    state.givenUp = state.callers.length === 0;
    this.#settleReference();
    caller.waiter.abort();
  }

  /** A poll cannot be taken back: once nobody waits for any, what was given up may not keep the process alive. */
  #settleReference(): void {
    const [read, write] = this.#slots;
    const waiting = read.callers.length > 0 || write.callers.length > 0;
    const referenced = this.#referenced && (waiting || !(read.givenUp || write.givenUp));
    if (referenced === this.#ready.hasRef()) return;
    if (referenced) this.#ready.ref();
    else this.#ready.unref();
  }
}

function holds(caller: Caller, ready: PollEvents): boolean {
  return (ready & (caller.events | ALWAYS_REPORTED)) !== 0;
}

/** Whether an error says that the descriptor was closed, so that nobody who waits on it need ever be woken. */
function isClosed(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EBADF';
}

function unlessAgain<T>(io: (ready: PollEvents) => T, ready: PollEvents): T | undefined {
  try {
    return io(ready);
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'EAGAIN') return undefined;
    throw error;
  }
}
