import { closeSync, openSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { uringBackend } from '@polyring/backend-uring';
import { type DriverMemory, type Entry, read, readFixed, readv, write, writeFixed, writev } from '@polyring/core';
import { Table } from 'console-table-printer';
import { measureInRounds, type Rival } from './rounds.js';

const ROUNDS = 9;
const DEPTH = 32;
const COUNTS = new Map([
  [4096, 60_000],
  [65_536, 20_000],
]);

/** A way for an operation to have memory: makes the entries of one lane. */
type Path = (fd: number, memory: DriverMemory, size: number) => () => Entry;

const halves = (bytes: Uint8Array): Uint8Array[] => [
  bytes.subarray(0, bytes.length / 2),
  bytes.subarray(bytes.length / 2),
];

const READS: Record<string, Path> = {
  'lent memory':
    (fd, { bytes }) =>
    () =>
      read(fd, bytes),
  'lent memory, registered':
    (fd, { bytes }) =>
    () =>
      readFixed(fd, bytes),
  'lent memory, two vectors': (fd, { bytes }) => {
    const vectors = halves(bytes);
    return () => readv(fd, vectors);
  },
  "the caller's buffer": (fd, _memory, size) => {
    const bytes = Buffer.alloc(size);
    return () => read(fd, bytes);
  },
  "the caller's buffer, two vectors": (fd, _memory, size) => {
    const vectors = halves(Buffer.alloc(size));
    return () => readv(fd, vectors);
  },
};

const WRITES: Record<string, Path> = {
  'lent memory':
    (fd, { bytes }) =>
    () =>
      write(fd, bytes),
  'lent memory, registered':
    (fd, { bytes }) =>
    () =>
      writeFixed(fd, bytes),
  'lent memory, two vectors': (fd, { bytes }) => {
    const vectors = halves(bytes);
    return () => writev(fd, vectors);
  },
  "the caller's buffer": (fd, _memory, size) => {
    const bytes = Buffer.alloc(size);
    return () => write(fd, bytes);
  },
  "the caller's buffer, two vectors": (fd, _memory, size) => {
    const vectors = halves(Buffer.alloc(size));
    return () => writev(fd, vectors);
  },
};

const driver = uringBackend.create();

function rival(name: string, path: Path, fd: number, size: number): Rival {
  const lanes = Array.from({ length: DEPTH }, () => path(fd, driver.allocate(size), size));
  const count = COUNTS.get(size) as number;
  return {
    name,
    async measure() {
      let left = count;
      const before = process.cpuUsage();
      await Promise.all(
        lanes.map(async (makeEntry) => {
          for (; left > 0; left -= 1) await driver.ioUringSubmit(makeEntry());
        }),
      );
      const { user, system } = process.cpuUsage(before);
      return (count / (user + system)) * 1e6;
    },
  };
}

async function compare(title: string, paths: Record<string, Path>, file: string, size: number): Promise<void> {
  const fd = openSync(file, 'r+');
  const rivals = Object.entries(paths).map(([name, path]) => rival(name, path, fd, size));
  const outcomes = await measureInRounds(rivals, ROUNDS);
  const lent = 1e9 / (outcomes[0]?.median ?? Number.NaN);
  const table = new Table({
    title: `${title} of ${size / 1024} KiB`,
    columns: [{ name: 'memory', alignment: 'left' }],
    shouldDisableColors: true,
  });
  for (const { name, median, ratio } of outcomes) {
    table.addRow({
      memory: name,
      'ns each': Math.round(1e9 / median),
      'more than lent': Math.round(lent * (ratio - 1)),
    });
  }
  table.printTable();
  closeSync(fd);
}

console.log(`Node.js ${process.version}, Linux ${release()}, ${arch()}, ${cpus().length} processors`);
console.log(`Nanoseconds of processor time an operation, ${DEPTH} in flight, medians of ${ROUNDS} alternating rounds.`);
for (const size of COUNTS.keys()) {
  await compare('Writes to /dev/null', WRITES, '/dev/null', size);
  await compare('Reads of /dev/zero', READS, '/dev/zero', size);
}
await driver.close();
