import { type Case, limitedBy, ratio, type Target } from '../case.js';
import type { Rival } from '../rivals/rival.js';
import { PROMISES } from './names.js';
import {
  BARE,
  BARE_REGISTERED,
  BOUNCED,
  bareReader,
  bareRegisteredReader,
  bouncedReader,
  CALLBACK,
  callbackReader,
  FIO,
  FIO_FIXED,
  fioReader,
  lentReader,
  otherReaders,
  POLLED_FILE,
  polledFileReader,
  promisesReader,
  READ_SYNC,
  REGISTERED,
  type Reading,
  registeredReader,
  syncReader,
} from './readers.js';

/** What is particular to a depth. */
interface Depth {
  readonly targets: readonly Target[];
  readonly more?: (reading: Reading) => readonly Rival[];
  readonly quick?: boolean;
}

const DEPTHS: ReadonlyMap<number, Depth> = new Map<number, Depth>([
  [
    1,
    {
      targets: [ratio('rate', '≥', 10, PROMISES), limitedBy(BARE, ratio('rate', '≥', 0.55, READ_SYNC))],
      more: (reading) => [syncReader(reading), bareReader(reading), ...otherReaders(reading)],
      quick: true,
    },
  ],
  [4, { targets: [] }],
  [
    32,
    {
      targets: [
        limitedBy(BARE, ratio('rate', '≥', 0.85, FIO)),
        ratio('rate', '≥', 3, PROMISES),
        ratio('rate', '≥', 1.5, CALLBACK),
        limitedBy(BARE_REGISTERED, ratio('rate', '≥', 0.9, FIO_FIXED, REGISTERED)),
        limitedBy(BARE, ratio('rate', '≥', 0.75, FIO, BOUNCED)),
        ratio('rate', '≥', 2.7, PROMISES, BOUNCED),
        ratio('rate', '≥', 2.5, PROMISES, POLLED_FILE),
      ],
      more: (reading) => [
        polledFileReader(reading),
        bareReader(reading),
        bareRegisteredReader(reading),
        ...otherReaders(reading),
        fioReader(FIO_FIXED, reading, ['--fixedbufs', '--registerfiles']),
      ],
      quick: true,
    },
  ],
  [128, { targets: [] }],
]);

/** Random reads of a file in the page cache, by how many are in flight. */
export const cachedReads: readonly Case[] = [...DEPTHS].map(([depth, { targets, more, quick = false }]) => {
  const reading: Reading = { depth };
  return {
    name: `read-${depth}`,
    title: `Random 4 KiB reads of a cached file, ${depth} in flight`,
    about:
      'Each read is checked: its length, the first and the last word; one in 256 byte by byte. The file is read into the ' +
      'page cache before every round. fio checks errors and lengths only, and stands for what the kernel gives; a bare ' +
      'ring, with a promise for each read and no driver, for what JavaScript can take of it.',
    operation: 'read',
    measures: ['rate', 'cpu'],
    rivals: [
      lentReader(reading),
      registeredReader(reading),
      bouncedReader(reading),
      promisesReader(reading),
      callbackReader(reading),
      fioReader(FIO, reading),
      ...(more?.(reading) ?? []),
    ],
    targets,
    plot: { chart: 'reads', at: depth },
    quick,
    beforeRound: (workshop) => workshop.warm(),
  };
});
