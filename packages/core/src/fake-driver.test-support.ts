import { driverFrom } from './adapters/driver-from.js';
import { OrdinaryMemory } from './backend/ordinary-memory.js';
import { WakerCell } from './backend/waker-cell.js';
import type { Driver } from './contract/driver.js';
import type { FdReadyDriver, PollFdReady } from './contract/fd-ready.js';
import type { Multishot } from './contract/io-uring/multishot.js';
import type { RemoteInbox } from './contract/io-uring/remote.js';
import type { IoUringResources } from './contract/io-uring/resources.js';
import type { IoUringDriver, IoUringSubmit } from './contract/io-uring/submit.js';
import type { DriverMemory } from './contract/memory.js';
import type { Referenced } from './contract/reference.js';
import type { PollSocketReady, SocketReadyDriver } from './contract/socket-ready.js';
import type { PollTimer, TimerDriver } from './contract/timer.js';
import type { PollWait, WaitDriver } from './contract/wait.js';
import { closedError, disposedError } from './errors/polyring-error.js';
import type { Entry } from './io-uring/entry.js';
import { type Instant, now } from './values/instant.js';
import { Pending, type Poll, type Waker } from './values/poll.js';
import { ALWAYS_REPORTED, type InterestSlot, type PollEvents } from './values/poll-events.js';

/** What the fake objects share: a state of reference and disposal, and an error to throw at the next poll. */
class FakeObject implements Referenced, Disposable {
  disposals = 0;
  polls = 0;
  failure: Error | undefined;
  #referenced = true;

  ref(): this {
    this.#referenced = true;
    return this;
  }

  unref(): this {
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  [Symbol.dispose](): void {
    this.disposals += 1;
  }

  protected check(): void {
    this.polls += 1;
    if (this.disposals > 0) throw disposedError('fake');
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** A timer that is due when the test says so. */
export class FakeTimer extends FakeObject implements PollTimer {
  readonly deadlines: Instant[] = [];
  readonly waker = new WakerCell();
  due = false;

  pollTimer(waker: Waker, deadline?: Instant): Poll<Instant> {
    this.check();
    if (deadline !== undefined) this.setDeadline(deadline);
    if (this.due) return now();
    this.waker.set(waker);
    return Pending;
  }

  setDeadline(deadline: Instant): void {
    this.deadlines.push(deadline);
    this.due = false;
  }

  fire(): void {
    this.due = true;
    this.waker.wake();
  }
}

/** A readiness object whose events the test raises. */
export class FakeFdReady extends FakeObject implements PollFdReady {
  readonly clears: InterestSlot[] = [];
  readonly asked: PollEvents[] = [];
  readonly wakers = [new WakerCell(), new WakerCell()] as const;
  readonly #ready: [PollEvents, PollEvents] = [0, 0];

  pollFdReady(waker: Waker, slot: InterestSlot, events: PollEvents): Poll<PollEvents> {
    this.check();
    this.asked.push(events);
    const ready = this.#ready[slot] & (events | ALWAYS_REPORTED);
    if (ready !== 0) return ready;
    this.wakers[slot].set(waker);
    return Pending;
  }

  clearFdReady(slot: InterestSlot): void {
    this.check();
    this.clears.push(slot);
    this.#ready[slot] = 0;
  }

  raise(slot: InterestSlot, events: PollEvents): void {
    this.#ready[slot] |= events;
    this.wakers[slot].wake();
  }
}

/** A wait whose signals the test gives. */
export class FakeWait extends FakeObject implements PollWait {
  readonly waker = new WakerCell();
  /** The signals that are readable, and not consumed. */
  readonly signals: bigint[] = [];
  /** Whether a read is under way. */
  reading = false;
  /** How a cancel ends: at once, or when the test calls {@link endCancel}. */
  cancelPends = false;
  cancels = 0;
  value = 0n;
  #cancelled: boolean | undefined;

  pollWait(waker: Waker): Poll<undefined> {
    this.check();
    const signal = this.signals.shift();
    if (signal === undefined) {
      this.reading = true;
      this.waker.set(waker);
      return Pending;
    }
    this.reading = false;
    this.value = signal;
    return undefined;
  }

  pollCancelWait(waker: Waker): Poll<boolean> {
    this.check();
    if (!this.reading) return false;
    if (this.#cancelled === undefined && !this.cancelPends) this.#cancelled = this.#consume();
    if (this.#cancelled === undefined) {
      this.cancels += 1;
      this.waker.set(waker);
      return Pending;
    }
    const cancelled = this.#cancelled;
    this.#cancelled = undefined;
    this.reading = false;
    return cancelled;
  }

  give(signal: bigint): void {
    this.signals.push(signal);
    this.waker.wake();
  }

  /** Ends a pending cancel; a signal that is readable was consumed in the race. */
  endCancel(): void {
    this.#cancelled = this.#consume();
    this.waker.wake();
  }

  #consume(): boolean {
    const signal = this.signals.shift();
    if (signal !== undefined) this.value = signal;
    return signal !== undefined;
  }
}

/** What fake drivers answer, to be told by its identity. */
export const FAKE_MULTISHOT = {} as Multishot;
/** What fake drivers answer, to be told by its identity. */
export const FAKE_RESOURCES = {} as IoUringResources;
/** What fake drivers answer, to be told by its identity. */
export const FAKE_INBOX = {} as RemoteInbox;

/** The parts of a driver that keeps what it made, and records what it was asked. */
export class FakeParts
  extends FakeObject
  implements TimerDriver, FdReadyDriver, SocketReadyDriver, WaitDriver, IoUringDriver
{
  readonly name = 'fake';
  readonly supports = { ioUring: true };
  readonly timers: FakeTimer[] = [];
  readonly ready: FakeFdReady[] = [];
  readonly waits: FakeWait[] = [];
  readonly calls: unknown[][] = [];
  closes = 0;
  submitters = 0;

  get closed(): boolean {
    return this.closes > 0;
  }

  newTimer(): FakeTimer {
    this.#record('newTimer');
    return kept(this.timers, new FakeTimer());
  }

  newFdReady(fd: number): FakeFdReady {
    this.#record('newFdReady', fd);
    return kept(this.ready, new FakeFdReady());
  }

  newSocketReady(socket: number): PollSocketReady {
    this.#record('newSocketReady', socket);
    const ready = kept(this.ready, new FakeFdReady());
    return Object.assign(ready, {
      pollSocketReady: (waker: Waker, slot: InterestSlot, events: PollEvents) => ready.pollFdReady(waker, slot, events),
      clearSocketReady: (slot: InterestSlot) => ready.clearFdReady(slot),
    });
  }

  newWait(fd: number, readSize: number): FakeWait {
    this.#record('newWait', fd, readSize);
    return kept(this.waits, new FakeWait());
  }

  ioUringSubmitter(): IoUringSubmit {
    this.submitters += 1;
    return {
      probe: (opcode) => opcode === 0,
      submit: (entry: Entry, options) => {
        this.calls.push(['submit', entry, options]);
        return this.closed ? Promise.reject(closedError(this.name)) : Promise.resolve(entry.opcode);
      },
      submitMany: async (entries, options) => {
        this.#record('submitMany', entries, options);
        return [];
      },
      submitLinked: async (entries, options) => {
        this.#record('submitLinked', entries, options);
        return [];
      },
      multishot: (entry, options): Multishot => {
        this.#record('multishot', entry, options);
        return FAKE_MULTISHOT;
      },
      remoteHandle: (listener): RemoteInbox => {
        this.#record('remoteHandle', listener);
        return FAKE_INBOX;
      },
      ioUring: FAKE_RESOURCES,
      allocate: (byteLength, options): DriverMemory => {
        this.#record('allocate', byteLength);
        return new OrdinaryMemory(byteLength, options);
      },
      allocateAsync: async (byteLength, options) => {
        this.#record('allocateAsync', byteLength);
        return new OrdinaryMemory(byteLength, options);
      },
    };
  }

  async close(): Promise<void> {
    this.closes += 1;
  }

  #record(...call: unknown[]): void {
    this.calls.push(call);
    if (this.closed) throw closedError(this.name);
  }
}

function kept<T>(list: T[], object: T): T {
  list.push(object);
  return object;
}

/** A driver of {@link FakeParts}, and the parts to steer it with. */
export function fakeDriver(): { driver: Driver; parts: FakeParts } {
  const parts = new FakeParts();
  return { driver: driverFrom(parts), parts };
}

/** Waits until everything that settled promises can set off has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise has settled by now. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  await settled();
  return (await Promise.race([promise.catch(() => undefined), Promise.resolve(open)])) !== open;
}
