import { type Case, limitedBy, ratio } from '../case.js';
import { lacksDisk } from './lacks.js';
import {
  BARE,
  bareReader,
  CALLBACK,
  CALLBACK_128,
  callbackReader,
  FIO,
  fioReader,
  lentReader,
  manyThreadsReader,
  promisesReader,
  type Reading,
  registeredReader,
} from './readers.js';

const READING: Reading = { depth: 128, direct: true };

/** Random reads past the page cache. */
export const directRead: Case = {
  name: 'read-direct',
  title: 'Random 4 KiB reads with O_DIRECT, 128 in flight',
  about: 'As the cached reads, but every one goes to the disk. The file is the same, and its blocks are checked.',
  operation: 'read',
  measures: ['rate', 'cpu'],
  rivals: [
    lentReader(READING),
    registeredReader(READING),
    bareReader(READING),
    promisesReader(READING),
    callbackReader(READING),
    manyThreadsReader(READING),
    fioReader(FIO, READING),
  ],
  targets: [
    ratio('rate', '≥', 2.5, CALLBACK),
    ratio('rate', '≥', 1.2, CALLBACK_128),
    ratio('cpu', '≤', 0.2, CALLBACK),
    limitedBy(BARE, ratio('rate', '≥', 0.95, FIO)),
  ],
  lacks: lacksDisk,
};
