import { type Register, registerFd, registerSocket } from '../polling/readiness.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

/** Makes a rule of one part: its check is told how a descriptor is registered there. */
type MakePartRule = (
  name: string,
  expectation: string,
  check: (context: RuleContext, register: Register) => Promise<void>,
) => Rule;

const PARTS = [
  { rule: ruleOf('readiness', 'readiness'), register: registerFd },
  { rule: ruleOf('socket', 'sockets'), register: registerSocket },
] as const;

/** Rules that hold for descriptors and for sockets alike: one of each for `newDynFdReady`, one for `newDynSocketReady`. */
export function forBothParts(rulesOf: (rule: MakePartRule) => Rule[]): Rule[] {
  return PARTS.flatMap(({ rule, register }) =>
    rulesOf((name, expectation, check) => rule(name, expectation, (context) => check(context, register))),
  );
}
