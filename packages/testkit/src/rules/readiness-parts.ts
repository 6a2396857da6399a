import { type Register, registerFd, registerSocket } from '../polling/readiness.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';

/** A rule that holds for descriptors and for sockets alike. */
export interface PartRule {
  /** The part of the id after the dot. */
  readonly name: string;
  readonly expectation: string;
  readonly timeLimit?: number;
  check(context: RuleContext, register: Register): Promise<void>;
}

const PARTS = [
  { prefix: 'readiness', section: 'readiness', register: registerFd },
  { prefix: 'socket', section: 'sockets', register: registerSocket },
] as const;

/** Two required rules of each: one for `newDynFdReady`, one for `newDynSocketReady`. */
export function forBothParts(partRules: readonly PartRule[]): readonly Rule[] {
  return PARTS.flatMap(({ prefix, section, register }) =>
    partRules.map(({ name, expectation, timeLimit, check }) => ({
      id: `${prefix}.${name}`,
      class: 'required' as const,
      section,
      expectation,
      ...(timeLimit === undefined ? {} : { timeLimit }),
      check: (context: RuleContext) => check(context, register),
    })),
  );
}
