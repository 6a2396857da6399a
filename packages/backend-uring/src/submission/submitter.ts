import {
  AbortListeners,
  type AllocateAsyncOptions,
  type AllocateOptions,
  checkAbortSignal,
  checkBoolean,
  checkObject,
  type DriverMemory,
  type Entry,
  IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
  type IoUringResources,
  type IoUringSubmit,
  invalidArgType,
  invalidWord,
  type LoopHold,
  type Multishot,
  MultishotIterator,
  type MultishotOptions,
  millisecondsOf,
  OrdinaryMemory,
  outOfRange,
  PolyringError,
  type PoolExhausted,
  type RemoteInbox,
  type RemoteListener,
  type SubmitLinkedOptions,
  type SubmitOptions,
  type TimerSet,
} from '@polyring/core';
import type { Engine } from '../engine/engine.js';
import type { Operation } from '../engine/operation.js';
import { blocksFor } from '../memory/blocks-for.js';
import { Custody } from '../memory/custody.js';
import type { CustodyMemory } from '../memory/custody-memory.js';
import { LentMemory, loanSize } from '../memory/lent-memory.js';
import { PoolExhaustedError } from '../memory/pool.js';
import { takeLater } from '../memory/take-later.js';
import type { Remotes } from '../remote/remotes.js';
import type { Admission } from './admission.js';
import { Batch } from './batch.js';
import { Chain } from './chain.js';
import { Submission, type SubmissionHost } from './submission.js';

/** The options of a submission as they were checked: the caller's object may change while the submission waits for memory. */
interface Terms {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly poolExhausted: PoolExhausted;
}

/** Raw submission: checks an entry, takes its memory, queues it. */
export class Submitter implements IoUringSubmit, SubmissionHost {
  readonly #engine: Engine;
  readonly #memory: CustodyMemory;
  readonly #hold: LoopHold;
  readonly #timers: TimerSet;
  readonly #admission: Admission;
  /** Those of a submission without options. */
  readonly #usualTerms: Terms;
  readonly #idle: Submission[] = [];
  readonly #remotes: Remotes;
  readonly ioUring: IoUringResources;
  readonly abortListeners: AbortListeners<Operation>;

  constructor(parts: {
    engine: Engine;
    memory: CustodyMemory;
    hold: LoopHold;
    timers: TimerSet;
    admission: Admission;
    remotes: Remotes;
    resources: IoUringResources;
    poolExhausted: PoolExhausted;
  }) {
    this.#engine = parts.engine;
    this.#memory = parts.memory;
    this.#hold = parts.hold;
    this.#timers = parts.timers;
    this.#admission = parts.admission;
    this.abortListeners = new AbortListeners<Operation>((operation) => parts.engine.cancel(operation));
    this.#remotes = parts.remotes;
    this.ioUring = parts.resources;
    this.#usualTerms = { signal: undefined, timeout: undefined, poolExhausted: parts.poolExhausted };
  }

  get failure(): Error | undefined {
    return this.#engine.failure;
  }

  get refusal(): Error | undefined {
    return this.#engine.refusal;
  }

  probe(opcode: number): boolean {
    return this.#admission.supports(opcode);
  }

  submit(entry: Entry, options?: SubmitOptions): Promise<number> {
    let terms = this.#usualTerms;
    try {
      if (options !== undefined) {
        this.#engine.checkOpen();
        // Before the entry is looked at, as a getter of theirs may submit it, or close the driver.
        terms = this.#termsOf(options);
      }
      this.#admission.checkForPromise(entry);
      return this.#start(entry, terms);
    } catch (error) {
      return this.#startLater(error, entry, terms);
    }
  }

  submitMany(entries: readonly Entry[], options: SubmitOptions = {}): Promise<PromiseSettledResult<number>[]> {
    try {
      this.#engine.checkOpen();
      checkEntries(entries);
      const kept = [...entries];
      const terms = this.#termsOf(options);
      this.#engine.checkOpen();
      const batch = new Batch(this.#engine, kept.length);
      for (const [index, entry] of kept.entries()) this.#startAmong(batch, index, entry, terms);
      return batch.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  submitLinked(entries: readonly Entry[], options: SubmitLinkedOptions = {}): Promise<PromiseSettledResult<number>[]> {
    let chain: readonly Entry[] = [];
    let terms = this.#usualTerms;
    let linkFlags = IOSQE_IO_LINK;
    try {
      this.#engine.checkOpen();
      checkEntries(entries);
      chain = [...entries];
      terms = this.#termsOf(options);
      const { hard = false } = options;
      checkBoolean(hard, 'options.hard');
      if (hard) linkFlags = IOSQE_IO_HARDLINK;
      this.#engine.checkOpen();
      this.#checkChain(chain);
      return this.#startChain(chain, linkFlags, terms);
    } catch (error) {
      return this.#later(error, chain, terms, () => this.#startChain(chain, linkFlags, terms));
    }
  }

  multishot(entry: Entry, options?: MultishotOptions): Multishot {
    this.#engine.checkOpen();
    return new MultishotIterator((sink) => this.ioUring.multishotInto(entry, sink), options);
  }

  remoteHandle(listener: RemoteListener): RemoteInbox {
    this.#engine.checkOpen();
    return this.#remotes.listen(listener);
  }

  allocate(byteLength: number, options?: AllocateOptions): DriverMemory {
    this.#engine.checkOpen();
    const size = loanSize(byteLength, options);
    // A getter of the options may have closed it.
    this.#engine.checkOpen();
    const { pool } = this.#memory;
    const block = pool.take(size);
    if (block.arena.lendable) return new LentMemory(pool, block, byteLength);
    pool.give(block);
    return new OrdinaryMemory(byteLength, options);
  }

  async allocateAsync(byteLength: number, options?: AllocateAsyncOptions): Promise<DriverMemory> {
    this.#engine.checkOpen();
    const { pool } = this.#memory;
    if (options !== undefined) checkObject(options);
    const kept = { ...options };
    checkAbortSignal(kept.signal);
    try {
      return this.allocate(byteLength, kept);
    } catch (error) {
      if (!pool.mayWaitFor(error)) throw error;
      return takeLater(pool, kept.signal, () => this.allocate(byteLength, kept));
    }
  }

  settled(submission: Submission): void {
    this.#hold.release();
    // After a failure its memory stays where it is, for ever.
    if (this.#engine.failure === undefined) this.#idle.push(submission);
  }

  again(submission: Submission): boolean {
    if (!this.#engine.open) return false;
    this.#engine.enqueue(submission);
    return true;
  }

  cancel(submission: Submission): void {
    this.#engine.cancel(submission);
  }

  #start(entry: Entry, { signal, timeout }: Terms): Promise<number> {
    const submission = this.#idle.pop() ?? this.#newSubmission();
    const promise = submission.start(entry, signal);
    this.#enqueue(submission, timeout);
    return promise;
  }

  #startAmong(batch: Batch, index: number, entry: Entry, terms: Terms): void {
    const submission = this.#idle.pop() ?? this.#newSubmission();
    try {
      this.#admission.checkForPromise(entry);
      submission.startAmong(entry, terms.signal, batch, index);
      this.#enqueue(submission, terms.timeout);
    } catch (error) {
      this.#idle.push(submission);
      this.#startLater(error, entry, terms).then(
        (value) => batch.settle(index, { status: 'fulfilled', value }),
        (reason) => batch.settle(index, { status: 'rejected', reason }),
      );
    }
  }

  #enqueue(submission: Submission, timeout: number | undefined): void {
    const limit = timeout === undefined ? undefined : submission.limit(this.#timers, timeout);
    this.#engine.enqueue(submission);
    this.#hold.hold();
    if (limit?.expired === true) this.cancel(submission);
  }

  /** Takes the memory of all entries before it queues the first. */
  #startChain(entries: readonly Entry[], linkFlags: number, terms: Terms): Promise<PromiseSettledResult<number>[]> {
    const submissions = entries.map(() => this.#idle.pop() ?? this.#newSubmission());
    const chain = new Chain({ engine: this.#engine, timers: this.#timers }, submissions, terms);
    const started: Submission[] = [];
    try {
      for (const [index, submission] of submissions.entries()) {
        submission.startAmong(entries[index] as Entry, undefined, chain, index);
        submission.keepForm();
        if (index < entries.length - 1) submission.linkFlags = linkFlags;
        started.push(submission);
      }
      chain.enqueue();
    } catch (error) {
      for (const submission of started) submission.withdraw();
      chain.release();
      this.#idle.push(...submissions);
      if (error instanceof PoolExhaustedError && !error.hopeless) this.#checkTogether(entries);
      throw error;
    }
    for (const _ of submissions) this.#hold.hold();
    return chain.promise;
  }

  /** Throws if the entries need more memory together than the pool can ever have. */
  #checkTogether(entries: readonly Entry[]): void {
    const { pool } = this.#memory;
    pool.checkLimit(entries.flatMap((entry) => blocksFor(pool, entry)));
  }

  /** Throws unless the entries may be linked. */
  #checkChain(entries: readonly Entry[]): void {
    const { longestChain } = this.#engine;
    if (entries.length === 0 || entries.length > longestChain) {
      throw outOfRange(
        'entries.length',
        `>= 1 && <= ${longestChain}, the driver's option "entries", since the kernel takes linked entries together`,
        entries.length,
      );
    }
    const last = entries.length - 1;
    for (const [index, entry] of entries.entries()) this.#admission.checkForPromise(entry, index < last);
    if (new Set(entries).size < entries.length) {
      throw new PolyringError(
        'ERR_POLYRING_ENTRY_IN_FLIGHT',
        'An entry stands twice in the list. Make another entry for the second time.',
      );
    }
  }

  #startLater(error: unknown, entry: Entry, terms: Terms): Promise<number> {
    return this.#later(error, [entry], terms, () => this.#start(entry, terms));
  }

  /**
   * What becomes of a start that failed: it is tried again when there is memory, if it may wait for that.
   *
   * The entries are taken meanwhile, but in nobody's queue: they have no `user_data`, and a cancel does not find them.
   */
  async #later<T>(error: unknown, entries: readonly Entry[], terms: Terms, start: () => Promise<T>): Promise<T> {
    const { pool } = this.#memory;
    if (terms.poolExhausted === 'reject' || !pool.mayWaitFor(error)) throw error;
    for (const entry of entries) entry.owner = pool;
    try {
      return await takeLater(pool, terms.signal, start);
    } finally {
      for (const entry of entries) if (entry.owner === pool) entry.owner = undefined;
    }
  }

  /** Throws unless the options are some. */
  #termsOf(options: SubmitOptions): Terms {
    checkObject(options);
    const { signal, timeout, poolExhausted = this.#usualTerms.poolExhausted } = options;
    if (signal !== undefined) checkAbortSignal(signal);
    if (timeout !== undefined) millisecondsOf(timeout, 'options.timeout');
    checkPoolExhausted(poolExhausted);
    return { signal, timeout, poolExhausted };
  }

  #newSubmission(): Submission {
    return new Submission(new Custody(this.#memory), this);
  }
}

function checkEntries(entries: unknown): void {
  if (!Array.isArray(entries)) throw invalidArgType('entries', 'an array of entries', entries);
}

/** Throws unless it is a {@link PoolExhausted}. */
export function checkPoolExhausted(value: unknown): asserts value is PoolExhausted {
  if (value !== 'reject' && value !== 'wait') throw invalidWord('options.poolExhausted', ['reject', 'wait'], value);
}
