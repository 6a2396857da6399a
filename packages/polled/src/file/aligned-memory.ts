import type { Driver, DriverMemory } from '@polyring/core';
import { misalignment } from '@polyring/sys';

/** What O_DIRECT asks of addresses, offsets and lengths, on every file system of 4 KiB blocks or smaller. */
const DIRECT_ALIGNMENT = 4096;

/** Memory of a driver without its first bytes. */
class AlignedMemory implements DriverMemory {
  readonly bytes: Buffer;
  readonly #memory: DriverMemory;

  constructor(memory: DriverMemory, byteLength: number) {
    this.#memory = memory;
    const start = DIRECT_ALIGNMENT - misalignment(memory.bytes, DIRECT_ALIGNMENT);
    this.bytes = memory.bytes.subarray(start, start + byteLength);
  }

  release(): void {
    this.#memory.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Memory of a driver that begins at a page, for O_DIRECT. What drivers without a ring lend begins anywhere. */
export function alignedMemory(driver: Driver, byteLength: number): DriverMemory {
  try {
    return driver.allocate(byteLength, { align: DIRECT_ALIGNMENT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_POLYRING_UNSUPPORTED') throw error;
    return new AlignedMemory(driver.allocate(byteLength + DIRECT_ALIGNMENT), byteLength);
  }
}
