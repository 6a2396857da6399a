import type { TourStep } from '../../step.js';
import { exitEvent, pidfdWatch } from './child-watches.js';
import { CHILDREN, countEnds } from './children.js';

/** Waits for the end of child processes by their pidfds. */
export const child: TourStep = {
  id: 'child',
  title: 'End of a child',

  async run({ driver, progress }) {
    const first = await countEnds(pidfdWatch(driver), (children) => progress('a pidfd', children / CHILDREN));
    const second = await countEnds(exitEvent, (children) => progress("the event 'exit'", children / CHILDREN));
    return {
      verified: `Each of ${CHILDREN} children on each side ran until it was told to exit, and with the code it was told.`,
      unit: 'children',
      sides: [first, second],
      notes: ["The time runs from the word to the child; most of it is the child's own way out."],
    };
  },
};
