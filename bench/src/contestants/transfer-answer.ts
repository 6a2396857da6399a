import { PolledSocket } from '@polyring/polled';
import { type By, driversBy } from './shared/drivers-by.js';
import { Countdown, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { startPeer } from './shared/start-peer.js';
import { Stream } from './shared/stream.js';

// Asks for answers, one after the other, and reads each of them.

const QUESTION = Buffer.from('?');
/** One read in so many is compared byte by byte. */
const WHOLE_EVERY = 64;

const { by, size, milliseconds } = told<{ by: By; size: number }>();
const { [by]: driver } = await driversBy();
const socket = await PolledSocket.connect(driver, await startPeer('answers', { size }));
const stream = new Stream(WHOLE_EVERY);
const bytes = Buffer.alloc(size + 1);

async function ask(): Promise<void> {
  await socket.write(QUESTION);
  for (let left = size; left > 0; ) {
    const length = await socket.read(bytes);
    if (length === 0 || length > left) throw new Error('An answer is too short or too long');
    stream.compare(bytes, length);
    left -= length;
  }
}

await answer(() =>
  metered(async () => {
    const countdown = new Countdown(milliseconds);
    let operations = 0;
    for (; !countdown.over; operations += 1) await ask();
    return { operations, errors: stream.wrong };
  }),
);
