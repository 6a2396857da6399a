import {
  type AllocateAsyncOptions,
  type AllocateOptions,
  checkAbortSignal,
  type DriverMemory,
  Entry,
  IOSQE_BUFFER_SELECT,
  IOSQE_CQE_SKIP_SUCCESS,
  type IoUringResources,
  type IoUringSubmit,
  invalidArgType,
  type LoopHold,
  type Multishot,
  MultishotIterator,
  type MultishotOptions,
  OPCODES,
  OrdinaryMemory,
  opcodeName,
  opcodeSyscall,
  PolyringError,
  type PoolExhausted,
  type RemoteInbox,
  type RemoteListener,
  type SubmitOptions,
  systemError,
} from '@polyring/core';
import { ERRNO } from './abi.js';
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
  readonly #supported: readonly boolean[];
  readonly #name: string;
  readonly #poolExhausted: PoolExhausted;
  readonly #idle: Submission[] = [];
  readonly #remotes: Remotes;
  readonly ioUring: IoUringResources;

  constructor(parts: {
    engine: Engine;
    memory: CustodyMemory;
    hold: LoopHold;
    supported: readonly boolean[];
    name: string;
    remotes: Remotes;
    resources: IoUringResources;
    poolExhausted: PoolExhausted;
  }) {
    this.#engine = parts.engine;
    this.#memory = parts.memory;
    this.#hold = parts.hold;
    this.#supported = parts.supported;
    this.#name = parts.name;
    this.#remotes = parts.remotes;
    this.ioUring = parts.resources;
    this.#poolExhausted = parts.poolExhausted;
  }

  get failure(): Error | undefined {
    return this.#engine.failure;
  }

  probe(opcode: number): boolean {
    return !this.#engine.closed && this.#supported[opcode] === true;
  }

  submit(entry: Entry, options?: SubmitOptions): Promise<number> {
    try {
      const signal = options?.signal;
      this.#check(entry, signal);
      const { poolExhausted = this.#poolExhausted } = options ?? {};
      if (poolExhausted !== this.#poolExhausted) checkPoolExhausted(poolExhausted);
      try {
        return this.#start(entry, signal);
      } catch (error) {
        if (poolExhausted === 'wait' && mayWaitFor(error)) return this.#startLater(entry, signal);
        throw error;
      }
    } catch (error) {
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

  cancel(submission: Submission): void {
    this.#engine.cancel(submission);
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

  #check(entry: Entry, signal: AbortSignal | undefined): void {
    this.checkEntry(entry);
    if (signal !== undefined) checkAbortSignal(signal);
    if (entry.multishot || (entry.flags & IOSQE_BUFFER_SELECT) !== 0) throw settlesNoPromise(entry);
  }

  /** Throws unless the entry may be given to the ring now. */
  checkEntry(entry: Entry): void {
    if (!(entry instanceof Entry)) throw invalidArgType('entry', 'an Entry of @polyring/core', entry);
    this.#engine.checkOpen();
    if (this.#supported[entry.opcode] !== true) throw unsupportedOpcode(entry.opcode, this.#name);
    if (entry.owner !== undefined) {
      throw new PolyringError(
        'ERR_POLYRING_ENTRY_IN_FLIGHT',
        `This ${opcodeName(entry.opcode)} entry was submitted and has not completed. Make another entry, or await the first.`,
      );
    }
    if ((entry.flags & IOSQE_CQE_SKIP_SUCCESS) !== 0) {
      throw new PolyringError(
        'ERR_POLYRING_UNSUPPORTED',
        'An entry with IOSQE_CQE_SKIP_SUCCESS would leave its promise unsettled. Submit it without that flag.',
      );
    }
    // What is not in flight here cannot be found here, and its user_data may be somebody else's.
    if (entry.target !== undefined && entry.target.owner !== this.#engine) {
      throw systemError(ERRNO.ENOENT, opcodeSyscall(entry.opcode));
    }
  }
}

function settlesNoPromise(entry: Entry): PolyringError {
  const why = entry.multishot ? 'completes again and again' : 'has the kernel select a buffer';
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `This ${opcodeName(entry.opcode)} entry ${why}, and a promise settles once, with a result alone. ` +
      'Give it to driver.multishot(), or make an entry that does not.',
  );
}

function unsupportedOpcode(opcode: number, driver: string): PolyringError {
  const known = OPCODES.find((candidate) => candidate.opcode === opcode);
  const since = known === undefined ? 'No kernel that this version knows has it' : `It came with Linux ${known.since}`;
  return new PolyringError(
    'ERR_POLYRING_UNSUPPORTED',
    `The kernel below the driver "${driver}" does not support ${known?.name ?? `opcode ${opcode}`}. ${since}. ` +
      'Ask ioUringProbe(opcode) first.',
  );
}

/** Throws unless it is a {@link PoolExhausted}. */
export function checkPoolExhausted(value: unknown, name = 'options.poolExhausted'): asserts value is PoolExhausted {
  if (value !== 'reject' && value !== 'wait') throw invalidArgType(name, "'reject' or 'wait'", value);
}
