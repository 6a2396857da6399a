import type { Rule } from '../rule.js';

/** What a rule may say beside its name, its sentence and its check. */
type Terms = Omit<Partial<Rule>, 'id' | 'section' | 'expectation' | 'check'>;

/** Makes a rule. Its own terms replace those that it has in common with others. */
type MakeRule = (name: string, expectation: string, check: Rule['check'], own?: Terms) => Rule;

/**
 * What the rules of one group and section are made with. They are required of every driver unless terms say something
 * else.
 *
 * @param group the part of their ids before the dot
 * @param section the anchor in `docs/contract.md`
 * @param common what all of them say
 */
export function ruleOf(group: string, section: string, common: Terms = {}): MakeRule {
  return (name, expectation, check, own = {}) => ({
    id: `${group}.${name}`,
    class: 'required',
    section,
    expectation,
    ...common,
    ...own,
    check,
  });
}
