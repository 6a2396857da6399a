import { openSync } from 'node:fs';
import { type DriverMemory, type Entry, read, readFixed, readv, write, writeFixed, writev } from '@polyring/core';
import { driverFor } from './driver-for.js';
import { inFlight, metered } from './meter.js';
import { answer, told } from './serve.js';

// Operations that cost the kernel next to nothing, on memory that comes from here and there.

const DEPTH = 32;

/** A way for an operation to have memory: makes the entries of one lane. */
type Path = (fd: number, memory: DriverMemory, size: number) => () => Entry;

const halves = (bytes: Uint8Array): Uint8Array[] => [
  bytes.subarray(0, bytes.length / 2),
  bytes.subarray(bytes.length / 2),
];

/** The same paths for one direction. */
function paths(
  one: (fd: number, bytes: Uint8Array) => Entry,
  fixed: (fd: number, bytes: Uint8Array) => Entry,
  vectored: (fd: number, vectors: readonly Uint8Array[]) => Entry,
): Record<string, Path> {
  return {
    lent:
      (fd, { bytes }) =>
      () =>
        one(fd, bytes),
    registered:
      (fd, { bytes }) =>
      () =>
        fixed(fd, bytes),
    lentVectors: (fd, { bytes }) => {
      const vectors = halves(bytes);
      return () => vectored(fd, vectors);
    },
    bounced: (fd, _memory, size) => {
      const bytes = Buffer.alloc(size);
      return () => one(fd, bytes);
    },
    bouncedVectors: (fd, _memory, size) => {
      const vectors = halves(Buffer.alloc(size));
      return () => vectored(fd, vectors);
    },
  };
}

const DIRECTIONS = {
  reads: { file: '/dev/zero', paths: paths(read, readFixed, readv) },
  writes: { file: '/dev/null', paths: paths(write, writeFixed, writev) },
};

const { direction, path, size, milliseconds } = told<{
  direction: keyof typeof DIRECTIONS;
  path: string;
  size: number;
}>();
const { file, paths: known } = DIRECTIONS[direction];
const driver = await driverFor('uring');
const fd = openSync(file, 'r+');
const lanes = Array.from({ length: DEPTH }, () => (known[path] as Path)(fd, driver.allocate(size), size));

await answer(() =>
  metered(async () => {
    let errors = 0;
    const operations = await inFlight(DEPTH, milliseconds, async (index, more) => {
      const makeEntry = lanes[index] as () => Entry;
      while (more()) if ((await driver.ioUringSubmit(makeEntry())) !== size) errors += 1;
    });
    return { operations, errors, verified: operations };
  }),
);
