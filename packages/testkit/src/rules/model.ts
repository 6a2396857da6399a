import { modelTimeLimit } from '../model/settings.js';
import type { Rule } from '../rule.js';
import { ruleOf } from './rule-of.js';

/** The rule that holds a driver to the whole of the contract, in programs that nobody thought of. */
export const modelRules: readonly Rule[] = [
  ruleOf('model', 'polls', { timeLimit: modelTimeLimit(process.env) })(
    'random-programs',
    'Whatever a random program polls, signals, writes, clears, cancels and disposes of, the contract allows each answer',
    // fast-check takes its time to load: only where it is needed.
    async (context) => (await import('../model/judge-programs.js')).judgePrograms(context),
  ),
];
