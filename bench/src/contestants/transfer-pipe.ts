import { spawn } from 'node:child_process';
import { read, readMultishot } from '@polyring/core';
import { PolledPipe } from '@polyring/polled';
import { close, pipe2, tryWrite } from '@polyring/sys';
import { driverFor } from './shared/driver-for.js';
import { Countdown, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { Stream } from './shared/stream.js';

// Sends messages through a pipe to cat(1), one after the other, and reads each of them from another pipe.

const SIZE = 64;
/** One read in so many is compared byte by byte. */
const WHOLE_EVERY = 64;

/** A way to read what comes. */
interface Reader {
  /** How many bytes came. */
  readonly read: () => Promise<number>;
  /** What came last. */
  readonly bytes: Buffer;
}

const { by, milliseconds } = told<{ by: keyof typeof READERS }>();
const driver = await driverFor('uring');

const READERS = {
  readiness(fd: number): Reader {
    const pipe = new PolledPipe(driver, fd);
    const bytes = Buffer.alloc(SIZE);
    return { bytes, read: () => pipe.read(bytes) };
  },
  read(fd: number): Reader {
    const bytes = Buffer.alloc(SIZE);
    return { bytes, read: () => driver.ioUringSubmit(read(fd, bytes)) };
  },
  multishot(fd: number): Reader {
    const reads = driver.multishot(readMultishot(fd, driver.ioUring.bufferRing({ entries: 64, bufferSize: 4096 })));
    let bytes: Buffer = Buffer.alloc(0);
    return {
      get bytes() {
        return bytes;
      },
      async read() {
        const { value } = await reads.next();
        bytes = value?.bytes ?? bytes;
        return value?.result ?? 0;
      },
    };
  },
};

const [echoIn, out] = pipe2({ nonblock: false });
const [back, echoOut] = pipe2();
spawn('cat', { stdio: [echoIn, echoOut, 'inherit'] });
close(echoIn);
close(echoOut);
const reader = READERS[by](back);
const sent = new Stream();
const received = new Stream(WHOLE_EVERY);

async function trip(): Promise<void> {
  tryWrite(out, sent.take(SIZE));
  for (let left = SIZE; left > 0; ) {
    const length = await reader.read();
    if (length <= 0) throw new Error('The pipe has ended');
    received.compare(reader.bytes, length);
    left -= length;
  }
}

await answer(() =>
  metered(async () => {
    const countdown = new Countdown(milliseconds);
    let operations = 0;
    for (; !countdown.over; operations += 1) await trip();
    return { operations, errors: received.wrong };
  }),
);
