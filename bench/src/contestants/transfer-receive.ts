import { PolledSocket } from '@polyring/polled';
import { type By, driversBy } from './shared/drivers-by.js';
import { type Findings, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { startPeer } from './shared/start-peer.js';
import { Stream } from './shared/stream.js';

// Receives a stream, on a connection of its own for each measurement.

const MIB = 1024 * 1024;
/** One read in so many is compared byte by byte. */
const WHOLE_EVERY = 64;

const { by, size, milliseconds } = told<{ by: By; size: number }>();
const { [by]: driver } = await driversBy();
const source = await startPeer('source', { size });
const bytes = Buffer.alloc(size);

async function receive(socket: PolledSocket): Promise<Findings> {
  const stream = new Stream(WHOLE_EVERY);
  const end = performance.now() + milliseconds;
  let received = 0;
  await socket.write(Buffer.from('!'));
  while (performance.now() < end) {
    const length = await socket.read(bytes);
    if (length === 0) throw new Error('The stream has ended');
    stream.compare(bytes, length);
    received += length;
  }
  return { operations: received / MIB, errors: stream.wrong };
}

await answer(async () => {
  const socket = await PolledSocket.connect(driver, source);
  const sample = await metered(() => receive(socket));
  await socket.close();
  return sample;
});
