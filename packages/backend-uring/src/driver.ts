import {
  blockingFdError,
  checkInteger,
  closedError,
  type Driver,
  type DriverCapabilities,
  DriverHold,
  type DriverLifecycle,
  type DriverOptions,
  driverFrom,
  type FdReadyDriver,
  type IoUringDriver,
  MAXIMUM_WAIT_READ_SIZE,
  type RawFd,
  type SocketReadyDriver,
  type TimerDriver,
  TimerSet,
  type WaitDriver,
} from '@polyring/core';
import { checkPollable, checkSocket, isNonblocking, LoopWatch } from '@polyring/sys';
import { BufferRings } from './buffer-ring/buffer-rings.js';
import { Engine } from './engine/engine.js';
import { Files } from './files/files.js';
import type { Binding } from './kernel/binding.js';
import { KernelFeatures } from './kernel/features.js';
import { probeOpcodes } from './kernel/probe.js';
import { setupRing } from './kernel/setup.js';
import { type ArenaSource, makeLendableArena, makePrivateArena } from './memory/arena.js';
import type { Block } from './memory/block.js';
import { FixedBuffers } from './memory/fixed-buffers.js';
import { Pool } from './memory/pool.js';
import { Descriptors } from './multishot/descriptors.js';
import { Multishots } from './multishot/multishots.js';
import { KernelTimer, TIMESPEC_SIZE } from './parts/kernel-timer.js';
import { RingReadiness } from './parts/readiness.js';
import { RingWait } from './parts/wait.js';
import { Remotes } from './remote/remotes.js';
import { Resources } from './resources.js';
import { Admission } from './submission/admission.js';
import { checkPoolExhausted, Submitter } from './submission/submitter.js';
import { Workers } from './workers/workers.js';

/** The backend's name. */
export const NAME = 'uring';

const DEFAULT_ENTRIES = 1024;
const LARGEST_RING = 32768;
const DEFAULT_POOL_LIMIT = 2 ** 30;
const DEFAULT_CLOSE_TIMEOUT = 30_000;
const LONGEST_TIMEOUT = 2 ** 31 - 1;
const FIRST_LENDABLE_SPANS = 64;

/** The parts of a driver over one ring. Each object it makes belongs to this ring and this thread. */
class UringParts implements TimerDriver, FdReadyDriver, SocketReadyDriver, WaitDriver, IoUringDriver, DriverLifecycle {
  readonly name = NAME;
  readonly supports: DriverCapabilities = { ioUring: true };
  readonly #watch: LoopWatch;
  readonly #hold: DriverHold;
  readonly #engine: Engine;
  /** What operations of the driver's user work on. */
  readonly #pool: Pool;
  /** What the driver's own operations work on, so that a full pool stops neither timers nor waits. */
  readonly #ownMemory: Pool;
  readonly #timers: TimerSet;
  readonly #kernelTimer: KernelTimer;
  readonly #submitter: Submitter;
  readonly #multishots: Multishots;
  readonly #remotes: Remotes;

  constructor(binding: Binding, options: DriverOptions) {
    const { entries = DEFAULT_ENTRIES, completionEntries = 2 * entries } = options;
    const { poolLimit = DEFAULT_POOL_LIMIT, poolExhausted = 'reject' } = options;
    const { closeTimeout = DEFAULT_CLOSE_TIMEOUT, busyPoll } = options;
    checkInteger(entries, 'options.entries', 1, LARGEST_RING);
    checkInteger(completionEntries, 'options.completionEntries', entries, 2 * LARGEST_RING);
    checkInteger(poolLimit, 'options.poolLimit', 0, Number.MAX_SAFE_INTEGER);
    checkPoolExhausted(poolExhausted);
    if (closeTimeout !== Number.POSITIVE_INFINITY)
      checkInteger(closeTimeout, 'options.closeTimeout', 0, LONGEST_TIMEOUT);
    const native = setupRing(binding, { entries, completionEntries });
    const source: ArenaSource = { native, addressOf: binding.addressOf };
    this.#ownMemory = new Pool({
      makeArena: (spanCount) => makePrivateArena(source, spanCount),
      firstSpans: 1,
      limit: Number.POSITIVE_INFINITY,
    });
    let supported: readonly boolean[];
    let timespec: Block;
    try {
      supported = probeOpcodes(native);
      timespec = this.#ownMemory.take(TIMESPEC_SIZE);
      this.#watch = new LoopWatch(native.fd, () => this.#engine.onReadable(), { busyPoll });
    } catch (error) {
      native.close();
      throw error;
    }
    const hold = new DriverHold(this.#watch);
    this.#hold = hold;
    this.#engine = new Engine(native, {
      name: NAME,
      hold: this.#watch,
      beforeFlush: () => this.#armTimer(),
      wakeAll: () => this.#wakeAll(),
      closeTimeout,
      ended: () => this.#watch.close(),
    });
    this.#pool = new Pool({
      makeArena: (spanCount) => makeLendableArena(source, spanCount),
      firstSpans: FIRST_LENDABLE_SPANS,
      limit: poolLimit,
    });
    this.#timers = new TimerSet({
      hold,
      checkOpen: () => this.#engine.checkOpen(),
      nearer: () => this.#engine.schedule(),
    });
    this.#kernelTimer = new KernelTimer(this.#engine, timespec, () => this.#timerExpired());
    const memory = { pool: this.#pool, ownMemory: this.#ownMemory, fixed: new FixedBuffers(native, this.#ownMemory) };
    const features = new KernelFeatures(native, supported);
    const admission = new Admission(this.#engine, supported, features, NAME);
    const bufferRings = new BufferRings({ native, memory, engine: this.#engine, features });
    const files = new Files({ native, engine: this.#engine, memory }, features);
    this.#multishots = new Multishots({
      engine: this.#engine,
      hold,
      memory,
      descriptors: new Descriptors(native, this.#engine),
      files,
      bufferRings,
      features,
    });
    this.#remotes = new Remotes({
      engine: this.#engine,
      native,
      hold,
      features,
    });
    this.#submitter = new Submitter({
      engine: this.#engine,
      memory,
      hold,
      timers: this.#timers,
      admission,
      remotes: this.#remotes,
      resources: new Resources({
        features,
        multishots: this.#multishots,
        pool: this.#pool,
        bufferRings,
        remotes: this.#remotes,
        files,
        workers: new Workers(native, this.#engine),
        admission,
        engine: this.#engine,
        hold,
      }),
      poolExhausted,
    });
  }

  newTimer() {
    return this.#timers.newTimer();
  }

  newFdReady(fd: RawFd): RingReadiness {
    this.#engine.checkOpen();
    checkPollable(fd);
    return new RingReadiness(fd, this.#engine, this.#hold);
  }

  newSocketReady(socket: RawFd): RingReadiness {
    this.#engine.checkOpen();
    checkSocket(socket);
    return new RingReadiness(socket, this.#engine, this.#hold);
  }

  newWait(fd: RawFd, readSize: number): RingWait {
    this.#engine.checkOpen();
    checkInteger(readSize, 'readSize', 1, MAXIMUM_WAIT_READ_SIZE);
    checkPollable(fd);
    if (!isNonblocking(fd)) throw blockingFdError(fd);
    return new RingWait(fd, readSize, this.#engine, this.#ownMemory, this.#hold);
  }

  ioUringSubmitter(): Submitter {
    return this.#submitter;
  }

  get closed(): boolean {
    return this.#engine.closed;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  ref(): this {
    this.#hold.ref();
    return this;
  }

  unref(): this {
    this.#hold.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#hold.hasRef();
  }

  #armTimer(): void {
    if (this.#engine.heldUp) this.#kernelTimer.renew();
    const { earliest } = this.#timers;
    if (earliest !== undefined && !this.#engine.closed) this.#kernelTimer.arm(earliest);
  }

  #timerExpired(): void {
    this.#engine.toldMore(this.#timers.fire());
    // What is left needs the kernel's timer again.
    if (this.#timers.earliest !== undefined) this.#engine.schedule();
  }

  /** Nobody waits for anything any more. */
  #wakeAll(): void {
    this.#timers.wakeAll();
    this.#multishots.endIdle();
    this.#remotes.closeInboxes();
    this.#pool.refuseAll(this.#engine.failure ?? closedError(NAME));
  }
}

/**
 * Makes a driver over a new ring of the calling thread.
 *
 * @throws the system error of io_uring_setup(2) or io_uring_register(2): ENOSYS, EPERM, EINVAL where it is refused,
 * ENOMEM, EMFILE, ENFILE where something ran out; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
 * ERR_OUT_OF_RANGE for an option
 */
export function createDriverOver(binding: Binding, options: DriverOptions = {}): Driver {
  return driverFrom(new UringParts(binding, options));
}
