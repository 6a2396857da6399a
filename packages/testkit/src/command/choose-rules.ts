import picomatch from 'picomatch';
import type { Rule } from '../rule.js';
import { CommandError } from './command-error.js';

/**
 * Chooses the rules whose ids match one of the globs, and none of those that begin with an exclamation mark.
 *
 * @param globs such as `timer.*`, `{wait,scope}.*` or `!ring.*`. Without any that asks for rules, all are taken
 * @throws CommandError with exit code 2 if a glob matches no rule, or nothing remains
 */
export function chooseRules(rules: readonly Rule[], globs: readonly string[]): Rule[] {
  const wanted = globs.filter((glob) => !isExclusion(glob)).map((glob) => matching(rules, glob));
  const unwanted = globs.filter(isExclusion).map((glob) => matching(rules, glob.slice(1)));
  const chosen = rules.filter(
    (rule) =>
      (wanted.length === 0 || wanted.some((some) => some.has(rule))) && !unwanted.some((some) => some.has(rule)),
  );
  if (chosen.length === 0) throw new CommandError(2, 'The globs of --rules leave no rule.');
  return chosen;
}

/** `!(` begins an extended glob. */
function isExclusion(glob: string): boolean {
  return glob.startsWith('!') && !glob.startsWith('!(');
}

function matching(rules: readonly Rule[], glob: string): Set<Rule> {
  // picomatch throws for an empty glob.
  const matches = glob === '' ? () => false : picomatch(glob);
  const found = rules.filter(({ id }) => matches(id));
  if (found.length === 0) throw new CommandError(2, `No rule matches "${glob}". --list names them all.`);
  return new Set(found);
}
