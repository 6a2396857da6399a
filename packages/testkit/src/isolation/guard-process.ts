import { signalGroup } from './signal-group.js';

/*
 * The program of the process that outlives one that was killed: it is told which process groups there are, and ends
 * them when whoever told it is gone.
 */

let groups: readonly number[] = [];

process.on('message', (living) => {
  groups = living as readonly number[];
});
process.once('disconnect', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});
