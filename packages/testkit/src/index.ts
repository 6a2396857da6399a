export type { Capability, Rule, RuleClass } from './rule.js';
export { DEFAULT_TIME_LIMIT } from './rule.js';
export { rules } from './rules/index.js';
export { RuleContext } from './context.js';
export { Random } from './random.js';
export { Wakes } from './polling/wakes.js';
export { ready } from './polling/ready.js';
export { type RuleResult, type RunOptions, runRule } from './run-rule.js';
export { loadSubject, type Subject } from './subject.js';
