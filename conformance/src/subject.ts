import type { BackendFactory } from '@polyring/core';
import { allowedDrivers } from './allowed/drivers.js';
import { type BaseName, bases } from './bases.js';

/** The backends of each kind, by their names. */
const kinds: Readonly<
  Record<string, (name: string) => BackendFactory | undefined | Promise<BackendFactory | undefined>>
> = {
  base: (name) => bases[name as BaseName],
  mutant: breakBase,
  allowed: (name) => allowedDrivers[name]?.(bases.epoll),
};

/*
 * A backend for whoever imports this module, in a child process or a worker of the kit as well. The URL's query names it:
 * `base=` an unbroken one, `mutant=` a broken driver, `allowed=` one that does what the contract allows and ours do not do.
 */
const [[kind = '', name = ''] = []] = new URL(import.meta.url).searchParams;
const backend = await kinds[kind]?.(name);
if (backend === undefined) throw new RangeError(`There is no subject ${kind}=${name}`);

export default backend;

/** All mutants are loaded for one, which takes longer than the backends do. */
async function breakBase(name: string): Promise<BackendFactory | undefined> {
  const { mutants } = await import('./mutants/index.js');
  const mutant = mutants.find((candidate) => candidate.name === name);
  return mutant?.break(bases[mutant.base]);
}
