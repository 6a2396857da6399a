import { constants, openSync } from 'node:fs';
import { after, Pending, read, readFixed, readv, recvMultishot, timeout } from '@polyring/core';
import { PolledListener, PolledSocket } from '@polyring/polled';
import { eventfd, pipe2, socketpair } from '@polyring/sys';
import { DATA_FILE, DATA_SIZE } from '../data-file.mjs';
import { checkInstrumented, heldByKernel } from './instruments.mjs';

/** Operations that the kernel is to hold when the ending begins. */
export const COUNT = 100;
const HOUR = 3_600_000;
const SIZES = [64, 1000, 4096, 70_000];

/**
 * What keeps the kernel busy until the environment ends: each operation that completes is followed by another.
 * They return the ends of pipes, or an eventfd twice.
 *
 * @type {Record<string, (driver: import('@polyring/core').Driver) => [read: number, write: number][]>}
 */
const LOADS = {
  'pipe reads': (driver) => {
    const pipes = Array.from({ length: COUNT }, () => pipe2());
    pipes.forEach(([fd], index) => {
      const size = SIZES[index % SIZES.length];
      const foreign = Buffer.alloc(size);
      const lent = driver.allocate(size).bytes;
      const entry = [
        () => read(fd, foreign),
        () => read(fd, lent),
        () => readv(fd, [foreign.subarray(size / 2), lent]),
        () => readFixed(fd, lent),
        () => readFixed(fd, foreign),
      ][index % 5];
      repeat(driver, entry);
    });
    return pipes;
  },

  'multishot receives': (driver) => {
    const pairs = Array.from({ length: COUNT }, () => socketpair());
    const buffers = driver.ioUring.bufferRing({ entries: 64, bufferSize: 4096 });
    const inbox = driver.remoteHandle(() => {});
    const remote = driver.ioUring.remote(inbox);
    for (const [near] of pairs) {
      driver.ioUring.multishotInto(recvMultishot(near, buffers), {
        completed(completion) {
          // The inbox is woken from within, so that messages stand in the queue at any moment.
          remote.wake(completion.bytes[0]).catch((error) => allowEnd(driver, error));
          completion.release();
        },
        ended(error) {
          if (error !== undefined) allowEnd(driver, error);
        },
      });
    }
    return pairs;
  },

  'polled sockets': (driver) => {
    for (let index = 0; index < COUNT; index += 1) {
      const writer = new PolledSocket(driver, socketpair()[0]);
      writer.writeAll(Buffer.alloc(1_000_000)).catch((error) => allowEnd(driver, error));
    }
    const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const serve = async () => {
      for await (const connection of listener) {
        const bytes = Buffer.alloc(4096);
        for (;;) await connection.read(bytes);
      }
    };
    serve().catch((error) => allowEnd(driver, error));
    const call = async () => {
      const client = await PolledSocket.connect(driver, listener.localAddress);
      for (;;) await client.writeAll(Buffer.alloc(100_000));
    };
    call().catch((error) => allowEnd(driver, error));
    return [];
  },

  'file reads': (driver) => readFiles(driver, constants.O_RDONLY, 65_536),

  'O_DIRECT reads': (driver) => readFiles(driver, constants.O_RDONLY | constants.O_DIRECT, 262_144),

  timeouts: (driver) => {
    for (let index = 0; index < COUNT; index += 1) repeat(driver, () => timeout(HOUR + index));
    for (let index = 0; index < COUNT; index += 1) {
      const timer = driver.newDynTimer();
      timer.pollTimer(() => {}, after(HOUR - index));
    }
    return [];
  },

  'eventfd waits': (driver) => {
    /** @type {[number, number][]} */
    const pipes = Array.from({ length: COUNT }, () => eventfd()).map((fd) => [fd, fd]);
    pipes.forEach(([fd], index) => {
      if (index % 2 === 0) {
        const wait = driver.newDynWait(fd, 8);
        const poll = () => {
          try {
            while (wait.pollWait(poll) !== Pending);
          } catch (error) {
            allowEnd(driver, error);
          }
        };
        poll();
      } else {
        const value = new BigUint64Array(1);
        repeat(driver, () => read(fd, value));
      }
    });
    return pipes;
  },
};

/** Has the kernel hold the operations of a load. Resolves when it does. */
export async function startLoad(name, driver) {
  checkInstrumented();
  const pipes = LOADS[name](driver);
  await heldByKernel(COUNT);
  return pipes;
}

/** Four times as many reads as have to be in flight: what is cached or fast leaves the kernel at any moment. */
function readFiles(driver, flags, size) {
  const fd = openSync(DATA_FILE, flags);
  let at = 0;
  for (let index = 0; index < 4 * COUNT; index += 1) {
    const buffer = index % 2 === 0 ? Buffer.alloc(size) : driver.allocate(size).bytes;
    repeat(driver, () => {
      at = (at + 7 * size) % DATA_SIZE;
      return read(fd, buffer, at, { async: true });
    });
  }
  return [];
}

async function repeat(driver, makeEntry) {
  try {
    for (;;) await driver.ioUringSubmit(makeEntry());
  } catch (error) {
    allowEnd(driver, error);
  }
}

/** Throws what is not owed to the driver's end. */
function allowEnd(driver, error) {
  if (!driver.closed && error.code !== 'ERR_POLYRING_RING_FAILED') throw error;
}
