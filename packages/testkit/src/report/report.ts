import type { DriverCapabilities } from '@polyring/core';
import type { RuleClass } from '../rule.js';
import type { RuleResult } from '../running/run-rule.js';
import type { ReportedError } from './reported-error.js';

/** The driver that was judged, as it describes itself. */
export interface DriverReport {
  /** `driver.name`. */
  readonly name: string;
  /** `driver.supports`. */
  readonly supports: DriverCapabilities;
  /** The names of the opcodes for which `ioUringProbe` is true, such as `IORING_OP_READ`. */
  readonly opcodes: readonly string[];
  /** The names of what is true in `driver.ioUring.features`, such as `bufferRing`. None without a ring. */
  readonly features: readonly string[];
}

/** What judged, and where. */
export interface Circumstances {
  /** The version of `@polyring/testkit`. */
  readonly kit: string;
  /** The version of the contract. */
  readonly contract: string;
  /** The kernel's release, as `uname -r` prints it. */
  readonly kernel: string;
  /** Node's version, such as `v24.1.0`. */
  readonly node: string;
  /** Such as `x64`. */
  readonly architecture: string;
}

/** How the process of a rule ended that had no result, or did not end well after its result. */
export interface ProcessEnd {
  /** The exit code; null if a signal ended the process. */
  readonly code: number | null;
  /** The signal that ended the process; null if it exited. */
  readonly signal: NodeJS.Signals | null;
  /** Whether its time was over and it was killed from outside. */
  readonly timedOut: boolean;
}

/** What became of one rule in one round. */
export interface RuleReport {
  readonly id: string;
  readonly class: RuleClass;
  /** What the driver must do. */
  readonly expectation: string;
  /** The anchor in `docs/contract.md`. */
  readonly section: string;
  /** From 1 to the number of rounds. */
  readonly round: number;
  /** The seed of this round: with it, the round can be run again. */
  readonly seed: number;
  readonly outcome: RuleResult['outcome'];
  /** How long the rule took, clean-up included and the start of its process not. */
  readonly milliseconds: number;
  /** Why the rule was skipped, or why another check took its place. */
  readonly reason?: string;
  /** Why it failed. */
  readonly error?: ReportedError;
  /** Where the rule's process did not end as it should. */
  readonly end?: ProcessEnd;
  /** The last of what the rule's process wrote to its standard output and error, if anything. */
  readonly output?: string;
}

/** Everything that a run of the kit found out. */
export interface KitReport extends Circumstances {
  /** The module or package that was judged, as it was given. */
  readonly subject: string;
  readonly driver: DriverReport;
  /** The seed of the first round; each further round has the next. */
  readonly seed: number;
  readonly rounds: number;
  /** The factor of every time limit. */
  readonly timeScale: number;
  /** Whether each rule had a process of its own. */
  readonly isolated: boolean;
  /** The number of rules in the kit. */
  readonly known: number;
  /** The number of rules that were chosen. */
  readonly chosen: number;
  /** When the run began, in ISO 8601. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** The signal that ended the run early. */
  readonly interrupted?: NodeJS.Signals;
  /** In the order of the rounds and of the kit. Of an interrupted run, those that are known. */
  readonly results: readonly RuleReport[];
}
