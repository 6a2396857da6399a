import {
  type AllocateAsyncOptions,
  type AllocateOptions,
  checkAbortSignal,
  type DriverMemory,
  type Entry,
  type IoUringResources,
  type IoUringSubmit,
  invalidArgType,
  type LoopHold,
  type Multishot,
  MultishotIterator,
  type MultishotOptions,
  OrdinaryMemory,
  type PoolExhausted,
  type RemoteInbox,
  type RemoteListener,
  type SubmitOptions,
} from '@polyring/core';
import { AbortListeners } from './abort-listeners.js';
import type { Admission } from './admission.js';
import type { Engine } from './engine.js';
import type { CustodyMemory } from './memory/bounce.js';
import { Custody } from './memory/custody.js';
import { LentMemory, loanSize } from './memory/lent-memory.js';
import { mayWaitFor, takeLater } from './memory/take-later.js';
import type { Remotes } from './remote/remotes.js';
import { Submission, type SubmissionHost } from './submission.js';

/** Raw submission: checks an entry, takes its memory, queues it. */
export class Submitter implements IoUringSubmit, SubmissionHost {
  readonly #engine: Engine;
  readonly #memory: CustodyMemory;
  readonly #hold: LoopHold;
  readonly #admission: Admission;
  readonly #poolExhausted: PoolExhausted;
  readonly #idle: Submission[] = [];
  readonly #remotes: Remotes;
  readonly ioUring: IoUringResources;
  readonly abortListeners: AbortListeners;

  constructor(parts: {
    engine: Engine;
    memory: CustodyMemory;
    hold: LoopHold;
    admission: Admission;
    remotes: Remotes;
    resources: IoUringResources;
    poolExhausted: PoolExhausted;
  }) {
    this.#engine = parts.engine;
    this.#memory = parts.memory;
    this.#hold = parts.hold;
    this.#admission = parts.admission;
    this.abortListeners = new AbortListeners((operation) => parts.engine.cancel(operation));
    this.#remotes = parts.remotes;
    this.ioUring = parts.resources;
    this.#poolExhausted = parts.poolExhausted;
  }

  get failure(): Error | undefined {
    return this.#engine.failure;
  }

  probe(opcode: number): boolean {
    return this.#admission.supports(opcode);
  }

  submit(entry: Entry, options?: SubmitOptions): Promise<number> {
    try {
      this.#admission.checkForPromise(entry);
      if (options !== undefined) checkSubmitOptions(options);
      return this.#start(entry, options?.signal);
    } catch (error) {
      const poolExhausted = options?.poolExhausted ?? this.#poolExhausted;
      if (poolExhausted === 'wait' && mayWaitFor(error)) return this.#startLater(entry, options?.signal);
      return Promise.reject(error);
    }
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    return new MultishotIterator((sink) => this.ioUring.multishotInto(entry, sink), options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    return this.#remotes.listen(listener);
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    const size = loanSize(byteLength, options);
    this.#engine.checkOpen();
    const { pool } = this.#memory;
    const block = pool.take(size);
    if (block.arena.lendable) return new LentMemory(pool, block, byteLength);
    pool.give(block);
    return new OrdinaryMemory(byteLength, options);
  }

  async allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    const signal = options?.signal;
    checkAbortSignal(signal);
    try {
      return this.allocate(byteLength, options);
    } catch (error) {
      if (!mayWaitFor(error)) throw error;
      return takeLater(this.#memory.pool, signal, () => this.allocate(byteLength, options));
    }
  }

  settled(submission: Submission): void {
    this.#hold.release();
    // After a failure its memory stays where it is, for ever.
    if (this.#engine.failure === undefined) this.#idle.push(submission);
  }

  #start(entry: Entry, signal: AbortSignal | undefined): Promise<number> {
    const submission = this.#idle.pop() ?? this.#newSubmission();
    let promise: Promise<number>;
    try {
      promise = submission.start(entry, signal);
    } catch (error) {
      this.#idle.push(submission);
      throw error;
    }
    this.#hold.hold();
    this.#engine.enqueue(submission);
    return promise;
  }

  /** The entry is taken, but in nobody's queue: it has no `user_data`, and a cancel does not find it. */
  async #startLater(entry: Entry, signal: AbortSignal | undefined): Promise<number> {
    const { pool } = this.#memory;
    entry.owner = pool;
    try {
      return await takeLater(pool, signal, () => this.#start(entry, signal));
    } finally {
      if (entry.owner === pool) entry.owner = undefined;
    }
  }

  #newSubmission(): Submission {
    return new Submission(new Custody(this.#memory), this);
  }
}

function checkSubmitOptions({ signal, poolExhausted }: SubmitOptions): void {
  if (signal !== undefined) checkAbortSignal(signal);
  if (poolExhausted !== undefined) checkPoolExhausted(poolExhausted);
}

/** Throws unless it is a {@link PoolExhausted}. */
export function checkPoolExhausted(value: unknown, name = 'options.poolExhausted'): asserts value is PoolExhausted {
  if (value !== 'reject' && value !== 'wait') throw invalidArgType(name, "'reject' or 'wait'", value);
}
