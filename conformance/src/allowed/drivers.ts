import type { Change } from '../seams/change.js';
import { lateWakes } from './late-wakes.js';
import { spuriousWakes } from './spurious-wakes.js';
import { takenWakers } from './taken-wakers.js';
import { unevenKinds } from './uneven-kinds.js';

/** Drivers that do what the contract allows and ours do not do, by their names: the kit must not convict them. */
export const allowedDrivers: Readonly<Record<string, Change>> = {
  'late-wakes': lateWakes,
  'spurious-wakes': spuriousWakes,
  'taken-wakers': takenWakers,
  'uneven-kinds': unevenKinds,
};
