import { SO_LINGER, SOL_SOCKET } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LIMIT, LOOPBACK } from './connection.test-support.js';
import { PolledListener } from './polled-listener.js';
import type { PolledSocket } from './polled-socket.js';

/** More than the kernel's buffers of a connection hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024);

/** `struct linger` for a close that resets the connection. */
const RESET = Int32Array.of(1, 0);

/** Resets the connection, which over loopback has happened when this returns. */
async function reset(socket: PolledSocket): Promise<void> {
  socket.setOption(SOL_SOCKET, SO_LINGER, RESET);
  await socket.close();
}

await onEveryBackend('A reset of a connection that is written to', (test) => {
  test('both directions are told where both wait', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const reading = rejects(client.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
    const writing = client.writeAll(LARGE).then(
      () => 'written',
      (error) => error.code,
    );
    await new Promise(setImmediate);
    await reset(server);
    await reading;
    assert.ok(['ECONNRESET', 'EPIPE'].includes(await writing));
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 0, 'it is told once');
    await rejects(client.write(LARGE), 'EPIPE');
    dispose(client);
  });

  test('a write behind a read that was told is EPIPE', async ({ driver }) => {
    const [client, server] = await connection(driver);
    await reset(server);
    await rejects(client.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
    await rejects(client.write(Buffer.alloc(8)), 'EPIPE');
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 0);
    dispose(client);
  });

  test('a read is told though the write was given up', async ({ driver }) => {
    for (const givesUp of ['before', 'after'])
      for (const waits of [true, false]) {
        const [client, server] = await connection(driver);
        const read = () => rejects(client.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
        let reading = waits ? read() : undefined;
        const controller = new AbortController();
        const writing = rejects(client.writeAll(LARGE, { signal: controller.signal }), 'AbortError');
        await new Promise(setImmediate);
        if (givesUp === 'before') controller.abort();
        const resetting = reset(server);
        controller.abort();
        await resetting;
        await writing;
        reading ??= read();
        await reading;
        dispose(client);
      }
  });

  test('a reader is told whose writing half was disposed of', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const [reader, writer] = client.split();
    const reading = rejects(reader.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
    const writing = rejects(writer.writeAll(LARGE), 'ERR_POLYRING_DISPOSED');
    await new Promise(setImmediate);
    const resetting = reset(server);
    dispose(writer);
    await Promise.all([resetting, writing, reading]);
    dispose(client);
  });

  test('a read is told that the write has been told of it, by whichever call it has, and a read of nothing is not', async ({
    driver,
  }) => {
    const buffer = Buffer.alloc(8);
    const writes: ((socket: PolledSocket) => Promise<unknown>)[] = [
      (socket) => socket.writeAll(LARGE),
      (socket) => socket.writev([LARGE]),
      (socket) => socket.send(LARGE),
      (socket) => socket.sendmsg({ buffers: [LARGE] }),
    ];
    const reads: ((socket: PolledSocket) => Promise<unknown>)[] = [
      (socket) => socket.read(buffer, LIMIT),
      (socket) => socket.readv([buffer], LIMIT),
      (socket) => socket.recv(buffer, LIMIT),
      (socket) => socket.recvfrom(buffer, LIMIT),
      (socket) => socket.recvmsg({ buffers: [buffer], ...LIMIT }),
    ];
    for (const write of writes)
      for (const read of reads) {
        const [client, server] = await connection(driver);
        // Until one of them waits.
        const writing = (async () => {
          for (;;) await write(client);
        })();
        const told = rejects(writing, 'ECONNRESET');
        await new Promise(setImmediate);
        await reset(server);
        await told;
        assert.is(await client.read(Buffer.alloc(0)), 0);
        assert.is(await client.readv([], LIMIT), 0);
        await rejects(read(client), 'ECONNRESET');
        assert.is(await client.read(buffer, LIMIT), 0, 'it is told once');
        dispose(client);
      }
  });

  test('a read is told though a connect was refused meanwhile, as there is a connection', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const { remoteAddress } = client;
    await reset(server);
    await rejects(client.write(LARGE), 'ECONNRESET');
    await rejects(client.connect(remoteAddress), 'EISCONN');
    await rejects(client.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
    dispose(client);
  });

  test('the end of another connection of the same socket is told as it is', async ({ driver }) => {
    const [client, server] = await connection(driver);
    await reset(server);
    await rejects(client.write(LARGE), 'ECONNRESET');
    // AF_UNSPEC, by which a socket is connected no more.
    await client.connect({ bytes: new Uint8Array(16) });
    const listener = PolledListener.listen(driver, LOOPBACK);
    const [other] = await Promise.all([listener.accept(), client.connect(listener.localAddress)]);
    await other.close();
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 0);
    dispose(client, listener);
  });
});
