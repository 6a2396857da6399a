import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { type Driver, type Entry, IORING_OP_READ, IORING_OP_WRITE, OrdinaryMemory } from '@polyring/core';

const readAsync = promisify(read);
const writeAsync = promisify(write);

/** What a {@link fileRing} may do wrong. */
export interface FileRingFaults {
  /** Is called with what a read brought, and may change it. */
  afterRead?(bytes: Buffer, position: number): void;
  /** The most bytes that one operation moves. */
  readonly most?: number;
}

/** As much of a driver as a copy through a ring takes, over node:fs, so that it is there on every machine. */
export function fileRing({ afterRead, most = Number.POSITIVE_INFINITY }: FileRingFaults = {}): Driver {
  const submit = async ({ opcode, fd, buffer, off }: Entry): Promise<number> => {
    const view = buffer as Buffer;
    const length = Math.min(view.length, most);
    if (opcode === IORING_OP_WRITE) return (await writeAsync(fd, view, 0, length, off)).bytesWritten;
    const { bytesRead } = await readAsync(fd, view, 0, length, off);
    afterRead?.(view.subarray(0, bytesRead), off);
    return bytesRead;
  };
  const driver: Partial<Driver> = {
    name: 'file-ring',
    supports: { ioUring: true },
    ioUringProbe: (opcode) => opcode === IORING_OP_READ || opcode === IORING_OP_WRITE,
    ioUringSubmit: submit,
    allocate: (byteLength) => new OrdinaryMemory(byteLength),
    close: async () => {},
  };
  return driver as Driver;
}

/** As much of a driver as the copy takes of one that has no ring. */
export function ringless(): Driver {
  const driver: Partial<Driver> = {
    name: 'ringless',
    supports: { ioUring: false },
    ioUringProbe: () => false,
    close: async () => {},
  };
  return driver as Driver;
}
