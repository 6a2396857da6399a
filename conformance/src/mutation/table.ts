import { type Rule, rules } from '@polyring/testkit';
import { mutants } from '../mutants/index.js';

/** The rule of an id that the table names. */
export function ruleOf(id: string): Rule {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new RangeError(`The kit has no rule ${id}, which a mutant names`);
  return rule;
}

/** What is wrong with the table itself, in sentences: rules without a mutant, unknown rules, names given twice. */
export function tableErrors(): string[] {
  const named = new Set(mutants.flatMap(({ convictedBy }) => convictedBy));
  const known = new Set(rules.map(({ id }) => id));
  const names = mutants.map(({ name }) => name);
  return [
    ...rules
      .filter(({ id, class: ruleClass }) => ruleClass === 'required' && !named.has(id))
      .map(({ id }) => `The required rule ${id} has no mutant that it must convict.`),
    ...[...named].filter((id) => !known.has(id)).map((id) => `The kit has no rule ${id}, which a mutant names.`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `There are two mutants named ${name}.`),
  ];
}
