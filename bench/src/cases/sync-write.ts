import { makeBlockFile } from '../block-file.js';
import { type Case, ratio } from '../case.js';
import { fio } from '../rivals/fio.js';
import { script } from '../rivals/script.js';
import type { Workshop } from '../workshop.js';
import { PROMISES, URING } from './names.js';

const WRITERS = 32;
const BLOCKS = 256;
const FIO_JOBS = 'fio, 32 jobs';

/** Files of a rival's own, one a writer, of their full length and on the disk. */
function files(workshop: Workshop, owner: string): { paths: string[]; blocks: number } {
  const paths = Array.from({ length: WRITERS }, (_, index) => workshop.path(`${owner}-${index}`));
  for (const path of paths) makeBlockFile(path, BLOCKS);
  return { paths, blocks: BLOCKS };
}

/** Small durable writes from many writers. */
export const syncWrite: Case = {
  name: 'write-sync',
  title: 'A 4 KiB write and fdatasync, 32 writers on 32 files',
  about: 'After each measurement every block that was written is read back and compared. fio checks errors only.',
  operation: 'write',
  measures: ['rate', 'cpu'],
  rivals: [
    script(URING, { script: 'sync-write-driver', options: (workshop) => files(workshop, 'driver') }),
    script(PROMISES, { script: 'sync-write-node', options: (workshop) => files(workshop, 'node') }),
    fio(FIO_JOBS, (workshop) => [
      '--ioengine=psync',
      '--thread',
      '--rw=write',
      `--numjobs=${WRITERS}`,
      '--fdatasync=1',
      `--size=${BLOCKS * 4}k`,
      '--overwrite=1',
      `--directory=${workshop.path('')}`,
    ]),
  ],
  targets: [ratio('rate', '≥', 1.7, PROMISES), ratio('rate', '≥', 0.75, FIO_JOBS)],
};
