import {
  type BufferRing,
  type Driver,
  Errno,
  IORING_OP_RECV,
  type IoUringResources,
  isPolyringError,
} from '@polyring/core';

/** How many receives may complete before any of their bytes were taken; and the bytes of each. */
const ENTRIES = 1024;
/** Bytes of a buffer. Who sends more at a time is better received without them: see `ReadAhead`. */
export const RECEIVE_BUFFER_SIZE = 4096;

const rings = new WeakMap<IoUringResources, BufferRing>();

/**
 * The buffers that all sockets of a driver receive into; undefined where the kernel does not grant it, and while the
 * driver's pool has no room for them or the kernel no memory.
 */
export function receiveBuffers(driver: Driver): BufferRing | undefined {
  if (!driver.ioUringProbe(IORING_OP_RECV)) return undefined;
  const { ioUring } = driver;
  const known = rings.get(ioUring);
  if (known !== undefined) return known;
  if (!ioUring.features.recvMultishot || !ioUring.features.bufferRing) return undefined;
  try {
    const ring = ioUring.bufferRing({ entries: ENTRIES, bufferSize: RECEIVE_BUFFER_SIZE });
    rings.set(ioUring, ring);
    return ring;
  } catch (error) {
    if (isShortOfMemory(error)) return undefined;
    throw error;
  }
}

/** Linux from 6.14 on counts the queue of the buffers against RLIMIT_MEMLOCK, which other drivers of the user share. */
function isShortOfMemory(error: unknown): boolean {
  if (isPolyringError(error)) return error.code === 'ERR_POLYRING_POOL_EXHAUSTED';
  return (error as NodeJS.ErrnoException).errno === Errno.ENOMEM;
}
