import type { ReadableStreamBYOBReader } from 'node:stream/web';
import { close } from '@polyring/sys';
import { openDescriptors, rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { PolledFile } from '../file/polled-file.js';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledPipe } from '../pipe/polled-pipe.js';
import { PolledSocket } from '../socket/polled-socket.js';

async function whole(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

await onEveryBackend('The web streams of sockets and pipes', (test) => {
  test('bytes flow until the end, which closes the descriptors of both', async ({ driver }) => {
    const before = openDescriptors();
    const [client, server] = PolledSocket.pair(driver);
    assert.is(client.readable, client.readable);
    assert.is(client.writable, client.writable);
    const echo = server.readable.pipeTo(server.writable);
    const writer = client.writable.getWriter();
    await writer.write(Buffer.from('one '));
    await writer.write(Buffer.from('two'));
    await writer.close();
    assert.is(await whole(client.readable), 'one two');
    await echo;
    assert.ok(client.disposed && server.disposed);
    assert.is(openDescriptors(), before);
  });

  test('a pipe carries a stream through a transformation', async ({ driver }) => {
    const [reader, writer] = PolledPipe.pair(driver);
    const source = new ReadableStream({
      start(controller) {
        for (const word of ['ab', 'cd']) controller.enqueue(Buffer.from(word));
        controller.close();
      },
    });
    const piping = source.pipeTo(writer.writable);
    const shout = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(Buffer.from(Buffer.from(chunk).toString().toUpperCase())),
    });
    assert.is(await whole(reader.readable.pipeThrough(shout)), 'ABCD');
    await piping;
    assert.ok(reader.disposed && writer.disposed);
  });

  test('a reader with a buffer of its own gets the bytes there', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const reader = two.readable.getReader({ mode: 'byob' }) as unknown as ReadableStreamBYOBReader;
    const reading = reader.read(new Uint8Array(8));
    await one.write(Buffer.from('bytes'));
    const { value, done } = await reading;
    assert.equal([`${Buffer.from(value ?? [])}`, done], ['bytes', false]);
    one[Symbol.dispose]();
    assert.ok((await reader.read(new Uint8Array(8))).done);
    assert.not(two.disposed, 'its other half is open');
    two[Symbol.dispose]();
  });

  test('nothing is read before somebody asks, so a slow reader makes the writer wait', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const { readable } = two;
    const chunk = Buffer.alloc(65_536);
    const writer = one.writable.getWriter();
    let accepted = 0;
    const writing = (async () => {
      for (let at = 0; at < 256; at += 1) {
        await writer.ready;
        await writer.write(chunk);
        accepted += 1;
      }
      await writer.close();
    })();
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    assert.ok(accepted < 32, `${accepted} chunks were accepted with nobody reading`);
    let bytes = 0;
    for await (const each of readable) bytes += each.length;
    assert.is(bytes, 256 * chunk.length);
    await writing;
  });

  test('cancelling ends a read that waits, and the writer is told', async ({ driver }) => {
    const [reader, writer] = PolledPipe.pair(driver);
    const stream = reader.readable.getReader();
    const reading = stream.read();
    await new Promise(setImmediate);
    await stream.cancel(new Error('enough'));
    assert.ok((await reading).done);
    assert.ok(reader.disposed);
    await rejects(writer.write(Buffer.from('x')), 'EPIPE');
    writer[Symbol.dispose]();
  });

  test('aborting ends a write that waits', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const writer = one.writable.getWriter();
    const writing = writer.write(Buffer.alloc(3_000_000));
    const failed = rejects(writing, 'AbortError');
    const closed = rejects(writer.closed, 'Error');
    await new Promise(setImmediate);
    await writer.abort(new Error('enough'));
    await failed;
    await closed;
    one.split()[0][Symbol.dispose]();
    let last = -1;
    while (last !== 0) last = await two.read(Buffer.alloc(65_536));
    two[Symbol.dispose]();
  });

  test('disposal is the error of streams that nobody reads or writes just now, and ends what pipes to them', async ({
    driver,
  }) => {
    const [idle, peer] = PolledSocket.pair(driver);
    const reader = idle.readable.getReader();
    const writer = idle.writable.getWriter();
    const ends = [reader.closed, writer.closed].map((closed) => rejects(closed, 'ERR_POLYRING_DISPOSED'));
    idle[Symbol.dispose]();
    await Promise.all(ends);

    const [source, silent] = PolledSocket.pair(driver);
    const [target, client] = PolledSocket.pair(driver);
    const piping = rejects(source.readable.pipeTo(target.writable), 'ERR_POLYRING_DISPOSED');
    await client.writeAll(Buffer.from('the pipe waits for the source'));
    target[Symbol.dispose]();
    await piping;
    for (const each of [peer, source, silent, client]) each[Symbol.dispose]();
  });

  test('the end of the driver is the error of streams that nobody reads or writes just now', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const [reader, writer] = PolledPipe.pair(driver);
    const file = await PolledFile.open(driver, '/dev/null', 'r+');
    const over = two.readable.getReader();
    one.split()[1][Symbol.dispose]();
    assert.ok((await over.read()).done);
    const ends = [
      one.readable.getReader().closed,
      two.writable.getWriter().closed,
      reader.readable.pipeTo(writer.writable),
      file.readable.getReader().closed,
      file.writable.getWriter().closed,
    ].map((end) => rejects(end, 'ERR_POLYRING_CLOSED'));
    await driver.close();
    await Promise.all(ends);
    await over.closed;
    await rejects(file.readable.getReader().closed, 'ERR_POLYRING_CLOSED');
    for (const each of [one, two, reader, writer]) each[Symbol.dispose]();
    await file.close();
  });

  test('the end of a file is the error of its streams, behind the read that is under way', async ({ driver }) => {
    const file = await PolledFile.open(driver, '/dev/zero', 'r+');
    const reading = file.readable.getReader();
    const first = reading.read();
    // The stream begins to read within these, and the driver ends no read before the tick does.
    for (let step = 0; step < 10; step += 1) await undefined;
    const closed = [reading, file.readable.getReader(), file.writable.getWriter()].map((each) =>
      rejects(each.closed, 'ERR_POLYRING_DISPOSED'),
    );
    await file.close();
    assert.ok(((await first).value?.length ?? 0) > 0);
    await Promise.all(closed);
    const given = await PolledFile.open(driver, '/dev/zero');
    const over = rejects(given.readable.getReader().closed, 'ERR_POLYRING_DISPOSED');
    close(given.intoFd());
    await over;
  });

  test('a stream that was closed stays so when its socket is disposed of', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const writer = one.writable.getWriter();
    await writer.close();
    await writer.ready;
    await writer.closed;
    const reader = two.readable.getReader();
    assert.ok((await reader.read()).done);
    for (const each of [one, two]) each[Symbol.dispose]();
    await Promise.all([writer.closed, reader.closed]);
  });

  test('an error of the socket is the error of its stream', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    await two.write(Buffer.from('never read'));
    one[Symbol.dispose]();
    await rejects(two.readable.getReader().read(), 'ECONNRESET');
    const writer = two.writable.getWriter();
    const closed = rejects(writer.closed, 'EPIPE');
    await rejects(writer.write(Buffer.from('x')), 'EPIPE');
    await closed;
    assert.ok(two.disposed);
  });
});
