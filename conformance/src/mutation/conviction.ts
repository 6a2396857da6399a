import type { Trial } from './trial-process.js';

/** Errors of a mutant that does not work as a program. They say nothing about the rule. */
const OWN_FAULT = /^(AggregateError: )?(Type|Reference|Syntax)Error\b/;

/** Whether a trial convicts its driver: the rule failed, or ran out of time because of a thread that never came back. */
export function isConvicted({ verdict, finding }: Trial): boolean {
  return verdict === 'hung' || (verdict === 'failed' && !OWN_FAULT.test(finding));
}
