import { arch, cpus, release } from 'node:os';
import { uringBackend } from '@polyring/backend-uring';
import { Table } from 'console-table-printer';
import { BlockFile } from './block-file.js';
import { fioReads, hasFio } from './fio.js';
import {
  bouncedReader,
  callbackReader,
  fixedReader,
  lentReader,
  promisesReader,
  type Reader,
  syncReader,
} from './readers.js';
import { measureInRounds, type Rival } from './rounds.js';

const FILE_BLOCKS = 65536;
const ROUNDS = 5;

const driver = uringBackend.create();
using file = new BlockFile(FILE_BLOCKS);

function rival(name: string, reader: Reader, depth: number, count: number): Rival {
  return {
    name,
    async measure() {
      file.warm();
      const started = performance.now();
      await reader(file, depth, count);
      return (count / (performance.now() - started)) * 1e3;
    },
  };
}

console.log(`Node.js ${process.version}, Linux ${release()}, ${arch()}, ${cpus().length} processors`);
console.log(
  `Random 4 KiB reads of a cached file of 256 MiB, every block checked, medians of ${ROUNDS} alternating rounds.`,
);

const fio = hasFio();
for (const [depth, count] of [
  [1, 40_000],
  [32, 120_000],
  [128, 120_000],
] as const) {
  const rivals = [
    rival('uring, lent memory', lentReader(driver), depth, count),
    rival('uring, registered memory', fixedReader(driver), depth, count),
    rival("uring, the caller's buffers", bouncedReader(driver), depth, count),
    rival('fs/promises', promisesReader, depth, count / 4),
    rival('fs.read', callbackReader, depth, count / 4),
    ...(depth === 1 ? [rival('fs.readSync', syncReader, depth, count)] : []),
    ...(fio
      ? [
          {
            name: 'fio, io_uring, batched',
            measure: async () => {
              file.warm();
              return fioReads(file.path, depth, count * 4);
            },
          },
        ]
      : []),
  ];
  const table = new Table({
    title: `${depth} in flight`,
    columns: [{ name: 'by', alignment: 'left' }],
    shouldDisableColors: true,
  });
  for (const { name, median, ratio } of await measureInRounds(rivals, ROUNDS)) {
    table.addRow({
      by: name,
      'reads/s': Math.round(median).toLocaleString('en-US'),
      'lent memory is faster by': ratio.toFixed(2),
    });
  }
  table.printTable();
}
if (!fio) console.log('fio is not installed, so the limit of the machine is not shown.');
await driver.close();
