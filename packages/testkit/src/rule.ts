import type { DriverCapabilities } from '@polyring/core';
import type { RuleContext } from './running/context.js';
import type { UsedFeature } from './running/feature-uses.js';

/**
 * What a failed rule means. `required`: the driver breaks the contract. `optional`: it lacks
 * something that is good to have. `stochastic`: a measurement, which a busy machine may spoil.
 */
export type RuleClass = 'required' | 'optional' | 'stochastic';

/** Something that a driver says it can do or cannot do, in `driver.supports`. */
export type Capability = keyof DriverCapabilities;

/** One rule of the contract and the check that holds a driver to it. A rule knows no test runner. */
export interface Rule {
  /** The stable name, such as `timer.not-early`. */
  readonly id: string;
  readonly class: RuleClass;
  /** What the driver must do, in one sentence. */
  readonly expectation: string;
  /** The anchor in `docs/contract.md` of the section that the rule holds. */
  readonly section: string;
  /** The capability without which the rule does not apply. Another rule names the same in {@link unless}. */
  readonly needs?: Capability;
  /** The capability with which the rule does not apply: what must hold where the driver says that it lacks it. */
  readonly unless?: Capability;
  /**
   * The io_uring opcodes that the check submits. Where `ioUringProbe` is false for one of them,
   * the rule holds the driver to refusing that opcode instead.
   */
  readonly opcodes?: readonly number[];
  /**
   * What of `driver.ioUring.features` the check uses. Where the driver says that it lacks one of them, the rule holds it
   * to refusing that instead.
   */
  readonly features?: readonly UsedFeature[];
  /** Milliseconds the check may take, before scaling. {@link DEFAULT_TIME_LIMIT} if left out. */
  readonly timeLimit?: number;
  /** Throws, or rejects, if the driver breaks the rule. */
  check(context: RuleContext): Promise<void>;
}

/** Milliseconds that a rule's check may take if the rule says nothing else. */
export const DEFAULT_TIME_LIMIT = 10_000;
