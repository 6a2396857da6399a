import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONTESTANTS } from '../../places.js';
import { Child } from '../../processes/child.js';
import { Stream } from '../shared/stream.js';

/** What a sink says of some bytes. */
async function rightOf(port: number, bytes: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  const [said] = (await once(socket, 'data')) as [Buffer];
  return Number(said);
}

test('a sink tells how many bytes were right', async () => {
  const sink = new Child(process.execPath, [join(CONTESTANTS, 'peers/sink.js')], { milliseconds: 50 });
  try {
    const { port } = await sink.answer<{ port: number }>();
    const bytes = Buffer.from(new Stream().take(1000));
    assert.is(await rightOf(port, bytes), 1000);
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500);
    assert.ok((await rightOf(port, bytes)) < 1000);
  } finally {
    await sink.close();
  }
});

test.run();
