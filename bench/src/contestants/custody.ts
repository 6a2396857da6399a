import { openSync } from 'node:fs';
import { type DriverMemory, type Entry, read, readFixed, readv, write, writeFixed, writev } from '@polyring/core';
import { driverFor } from './shared/driver-for.js';
import { areEndsZero, markEnds } from './shared/ends.js';
import { inFlight, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Operations that cost the kernel next to nothing, on memory that comes from here and there.

const DEPTH = 32;

/** What one lane does again and again. */
interface Work {
  /** What the operation writes from, or reads into. */
  readonly bytes: Uint8Array;
  readonly makeEntry: () => Entry;
}

/** A way for an operation to have memory. */
type Path = (fd: number, memory: DriverMemory, size: number) => Work;

/** The same paths for one direction. */
function paths(
  one: (fd: number, bytes: Uint8Array) => Entry,
  fixed: (fd: number, bytes: Uint8Array) => Entry,
  vectored: (fd: number, vectors: readonly Uint8Array[]) => Entry,
): Record<string, Path> {
  const inHalves = (fd: number, bytes: Uint8Array): Work => {
    const vectors = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];
    return { bytes, makeEntry: () => vectored(fd, vectors) };
  };
  return {
    lent: (fd, { bytes }) => ({ bytes, makeEntry: () => one(fd, bytes) }),
    registered: (fd, { bytes }) => ({ bytes, makeEntry: () => fixed(fd, bytes) }),
    lentVectors: (fd, { bytes }) => inHalves(fd, bytes),
    bounced: (fd, _memory, size) => {
      const bytes = Buffer.alloc(size);
      return { bytes, makeEntry: () => one(fd, bytes) };
    },
    bouncedVectors: (fd, _memory, size) => inHalves(fd, Buffer.alloc(size)),
  };
}

const DIRECTIONS = {
  reads: { file: '/dev/zero', isRight: areEndsZero, paths: paths(read, readFixed, readv) },
  // Nobody can tell what became of the bytes.
  writes: { file: '/dev/null', isRight: () => true, paths: paths(write, writeFixed, writev) },
};

const { direction, path, size, milliseconds } = told<{
  direction: keyof typeof DIRECTIONS;
  path: string;
  size: number;
}>();
const { file, isRight, paths: known } = DIRECTIONS[direction];
const driver = await driverFor('uring');
const fd = openSync(file, 'r+');
const works = Array.from({ length: DEPTH }, () => (known[path] as Path)(fd, driver.allocate(size), size));

await answer(() =>
  metered(async () => {
    let errors = 0;
    const operations = await inFlight(DEPTH, milliseconds, async (index, more) => {
      const { bytes, makeEntry } = works[index] as Work;
      while (more()) {
        markEnds(bytes);
        const length = await driver.ioUringSubmit(makeEntry());
        if (length !== size || !isRight(bytes)) errors += 1;
      }
    });
    return { operations, errors };
  }),
);
