import { modelTimeLimit } from '../model/settings.js';
import type { Rule } from '../rule.js';

/** The rule that holds a driver to the whole of the contract, in programs that nobody thought of. */
export const modelRules: readonly Rule[] = [
  {
    id: 'model.random-programs',
    class: 'required',
    section: 'polls',
    expectation:
      'Whatever a random program polls, signals, writes, clears, cancels and disposes of, the contract allows each answer',
    timeLimit: modelTimeLimit(process.env),
    // fast-check takes its time to load: only where it is needed.
    check: async (context) => (await import('../model/judge-programs.js')).judgePrograms(context),
  },
];
