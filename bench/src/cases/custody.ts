import type { Case } from '../case.js';
import { script } from '../rivals/script.js';

const PATHS = {
  lent: 'lent memory',
  registered: 'lent memory, registered',
  lentVectors: 'lent memory, two vectors',
  bounced: "the caller's buffer",
  bouncedVectors: "the caller's buffer, two vectors",
};

const DIRECTIONS = { writes: 'Writes to /dev/null', reads: 'Reads of /dev/zero' };

/** What custody of memory costs an operation, path by path. */
export const custody: readonly Case[] = [4, 64].flatMap((kib) =>
  Object.entries(DIRECTIONS).map(([direction, title]) => ({
    name: `custody-${direction}-${kib}k`,
    title: `${title} of ${kib} KiB, 32 in flight`,
    about:
      'The kernel does next to nothing, so that the way of the memory shows. Lengths are checked, and the ends of what was read.',
    operation: 'operation',
    measures: ['cpu'] as const,
    rivals: Object.entries(PATHS).map(([path, name]) =>
      script(name, { script: 'custody', options: { direction, path, size: kib * 1024 } }),
    ),
    targets: [],
  })),
);
