import { type AttachedStruct, writtenStruct } from '../attachment.js';

/** The bytes of `siginfo_t`, and where its fields stand for SIGCHLD on machines of 64 bits. */
const SIGINFO_SIZE = 128;
const CODE = 8;
const PID = 16;
const UID = 20;
const STATUS = 24;

const STATES = ['none', 'exited', 'killed', 'dumped', 'trapped', 'stopped', 'continued'] as const;

/** What happened to a child: CLD_* of `<signal.h>`; `none` if nothing did yet. */
export type ChildState = (typeof STATES)[number];

/** The memory of a result, for the builder. */
export let waitidStruct: (result: WaitidResult) => AttachedStruct;

/** What waitid(2) tells of a child. */
export class WaitidResult {
  readonly #fields = new DataView(new ArrayBuffer(SIGINFO_SIZE));

  static {
    waitidStruct = (result) => writtenStruct(new Uint8Array(result.#fields.buffer));
  }

  /** The child; 0 if nothing happened to any, which only `nohang` tells. */
  get pid(): number {
    return this.#fields.getInt32(PID, true);
  }

  /** The child's real user. */
  get uid(): number {
    return this.#fields.getUint32(UID, true);
  }

  get state(): ChildState {
    return STATES[this.#fields.getInt32(CODE, true)] ?? 'none';
  }

  /** The exit code of a child that exited; otherwise the signal. */
  get status(): number {
    return this.#fields.getInt32(STATUS, true);
  }
}
