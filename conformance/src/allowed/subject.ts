import { epollBackend } from '@polyring/backend-epoll';
import type { Fault } from '../mutants/mutant.js';
import { spuriousWakes } from './spurious-wakes.js';
import { unevenKinds } from './uneven-kinds.js';

const allowed: Readonly<Record<string, Fault>> = { 'spurious-wakes': spuriousWakes, 'uneven-kinds': unevenKinds };

const name = new URL(import.meta.url).search.slice(1);
const change = allowed[name];
if (change === undefined) throw new RangeError(`There is no allowed driver "${name}"`);

/** A driver, named by the URL's query, that does what the contract allows and ours do not do: the kit must not convict it. */
export default change(epollBackend);
