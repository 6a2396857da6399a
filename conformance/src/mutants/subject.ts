import type { BackendFactory } from '@polyring/core';
import { bases } from './bases.js';
import { mutants } from './index.js';

/*
 * A broken driver for whoever imports this module, in a child process or a worker of the kit as well: the URL's query
 * is the mutant's name, or `base=` and the name of an unbroken backend.
 */
export default subjectOf(new URL(import.meta.url).search.slice(1));

function subjectOf(query: string): BackendFactory {
  for (const [name, base] of Object.entries(bases)) if (query === `base=${name}`) return base;
  const mutant = mutants.find(({ name }) => name === query);
  if (mutant === undefined) throw new RangeError(`There is no mutant "${query}"`);
  return mutant.break(bases[mutant.base]);
}
