import assert from 'node:assert/strict';
import { turn } from '../polling/turn.js';
import type { RuleContext } from '../running/context.js';
import { changedSince, openDescriptors } from '../running/descriptors.js';

/** More descriptors than a driver or an object has of its own. */
const NUMBERS = 20;

/** Holds a repeated end to leave the descriptors that have the numbers now which the first has freed. */
export async function leavesDescriptors({ fixtures }: RuleContext, again: () => unknown): Promise<void> {
  await turn();
  fixtures.eventfds(NUMBERS);
  const open = openDescriptors();
  await again();
  assert.deepEqual(changedSince(open), [], 'it closed a descriptor of somebody else');
}
