import { PolledSocket } from '@polyring/polled';
import { type By, driversBy } from './shared/drivers-by.js';
import { type Findings, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';
import { startPeer } from './shared/start-peer.js';
import { Stream } from './shared/stream.js';

// Sends a stream to a program that says how much of it was right, on a connection of its own for each measurement.

const MIB = 1024 * 1024;

const { by, size, milliseconds } = told<{ by: By; size: number }>();
const { [by]: driver } = await driversBy();
const sink = await startPeer('sink');

async function send(socket: PolledSocket): Promise<Findings> {
  const stream = new Stream();
  const end = performance.now() + milliseconds;
  let sent = 0;
  for (; performance.now() < end; sent += size) await socket.writeAll(stream.take(size));
  socket.shutdown('write');
  return { operations: sent / MIB, errors: (await textFrom(socket)) === String(sent) ? 0 : 1 };
}

/** Everything that is received to the end. */
async function textFrom(socket: PolledSocket): Promise<string> {
  const bytes = Buffer.alloc(32);
  for (let text = ''; ; ) {
    const length = await socket.read(bytes);
    if (length === 0) return text;
    text += bytes.toString('latin1', 0, length);
  }
}

await answer(async () => {
  const socket = await PolledSocket.connect(driver, sink);
  const sample = await metered(() => send(socket));
  await socket.close();
  return sample;
});
