import { makeBlockFile } from '../block-file.js';
import { type Case, limitedBy, ratio } from '../case.js';
import { fio } from '../rivals/fio.js';
import { onRing } from '../rivals/on-ring.js';
import { script } from '../rivals/script.js';
import type { Workshop } from '../workshop.js';
import { lacksDisk } from './lacks.js';
import { PROMISES, URING } from './names.js';

const WRITERS = 32;
const BLOCKS = 256;
const FIO_JOBS = 'fio, 32 jobs';
/** What io_uring gives to one thread on this file system, and so the limit for a driver. */
const FIO_RING = 'fio, io_uring, one thread';

/** What every fio does here. */
const fioWrites = (workshop: Workshop): string[] => [
  '--thread',
  '--rw=write',
  '--fdatasync=1',
  '--overwrite=1',
  `--directory=${workshop.path('')}`,
];

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
      ...fioWrites(workshop),
      '--ioengine=psync',
      `--numjobs=${WRITERS}`,
      `--size=${BLOCKS * 4}k`,
    ]),
    onRing(
      fio(FIO_RING, (workshop) => [
        ...fioWrites(workshop),
        '--ioengine=io_uring',
        `--nrfiles=${WRITERS}`,
        '--file_service_type=roundrobin',
        `--iodepth=${WRITERS}`,
        `--size=${WRITERS * BLOCKS * 4}k`,
      ]),
    ),
  ],
  targets: [ratio('rate', '≥', 1.7, PROMISES), limitedBy(FIO_RING, ratio('rate', '≥', 0.75, FIO_JOBS))],
  lacks: lacksDisk,
};
