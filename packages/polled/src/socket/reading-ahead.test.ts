import { uringBackend } from '@polyring/backend-uring';
import { Errno, InterestSlot, PollEvents, systemError } from '@polyring/core';
import { MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, tryRecv } from '@polyring/sys';
import { openDescriptors, rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { type GridContext, onEveryBackend } from '../grid.test-support.js';
import { connection, text } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';

/** A connection whose server has read something, so that a ring receives ahead of it where it can. */
async function begun({ driver }: GridContext): Promise<[PolledSocket, PolledSocket]> {
  const [client, server] = await connection(driver);
  client.setNoDelay();
  const reading = text(server);
  await client.writeAll(Buffer.from('begin'));
  assert.is(await reading, 'begin');
  return [client, server];
}

/** Has bytes arrive, and whoever receives ahead receive them. */
async function arrive(client: PolledSocket, server: PolledSocket, bytes: string): Promise<void> {
  await client.writeAll(Buffer.from(bytes));
  await server.peek(Buffer.alloc(1), { timeout: 20_000 });
}

await onEveryBackend('A socket that has begun to read', (test) => {
  test('gives unread bytes back with its descriptor, and they are followed by what comes', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'unread');
    const { fd, unread } = await server.intoFd();
    assert.ok(server.disposed);
    await client.writeAll(Buffer.from(' and more'));
    client.shutdown('write');
    const again = new PolledSocket(context.driver, fd);
    let all = `${unread}`;
    for (let piece = '-'; piece !== ''; all += piece) piece = await text(again);
    assert.is(all, 'unread and more');
    await Promise.all([client.close(), again.close()]);
  });

  test('gives unread bytes back though its reading half was disposed of', async (context) => {
    const before = openDescriptors();
    const [client, server] = await begun(context);
    await arrive(client, server, 'unread');
    server.split()[0][Symbol.dispose]();
    await rejects(server.read(Buffer.alloc(1)), 'ERR_POLYRING_DISPOSED');
    await client.writeAll(Buffer.from(' and more'));
    client.shutdown('write');
    const { fd, unread } = await server.intoFd();
    const again = new PolledSocket(context.driver, fd);
    let all = `${unread}`;
    for (let piece = '-'; piece !== ''; all += piece) piece = await text(again);
    assert.is(all, 'unread and more');
    await Promise.all([client.close(), again.close()]);
    assert.is(openDescriptors(), before);
  });

  test('is closed when its halves were disposed of one after the other, with unread bytes', async (context) => {
    const before = openDescriptors();
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [client, server] = await begun(context);
      await arrive(client, server, 'unread');
      for (const half of order) {
        server.split()[half][Symbol.dispose]();
        await new Promise(setImmediate);
      }
      await Promise.all([client.close(), server.close()]);
    }
    assert.is(openDescriptors(), before);
  });

  test('gives its descriptor back once, and all that was received, whatever is done to it meanwhile', async (context) => {
    const before = openDescriptors();
    const [client, server] = await begun(context);
    await rejects(server.read(Buffer.alloc(1), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    await arrive(client, server, 'unread');
    const giving = server.intoFd();
    assert.ok(server.disposed);
    const late = [server.intoFd(), server.read(Buffer.alloc(6)), server.writeAll(Buffer.alloc(1))];
    server[Symbol.dispose]();
    const closing = server.close();
    for (const each of late) await rejects(each, 'ERR_POLYRING_DISPOSED');
    const { fd, unread } = await giving;
    await closing;
    const again = new PolledSocket(context.driver, fd);
    assert.is(`${unread}${unread.length < 6 ? await text(again) : ''}`, 'unread');
    await Promise.all([client.close(), again.close()]);
    assert.is(openDescriptors(), before);
  });

  test('mixes all ways of receiving without losing the order', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'abcdefghijkl');
    const buffer = Buffer.alloc(2);
    assert.is(await server.peek(buffer), 2);
    assert.is(`${buffer}`, 'ab');
    assert.is(await text(server, 1), 'a');
    assert.is(await server.recv(buffer, { flags: 0 }), 2);
    assert.is(`${buffer}`, 'bc');
    const [one, two] = [Buffer.alloc(1), Buffer.alloc(1)];
    assert.is(await server.readv([Buffer.alloc(0), one, two]), 2);
    assert.is(`${one}${two}`, 'de');
    assert.is((await server.recvfrom(buffer)).bytes, 2);
    assert.is(`${buffer}`, 'fg');
    assert.is(await server.recv(buffer, { flags: MSG_WAITALL }), 2);
    assert.is(`${buffer}`, 'hi');
    assert.is((await server.recvmsg({ buffers: [buffer] })).bytes, 2);
    assert.is(`${buffer}`, 'jk');
    assert.is(await text(server), 'l');
    const late = text(server);
    await client.writeAll(Buffer.from('late'));
    assert.is(await late, 'late');
    await Promise.all([client.close(), server.close()]);
  });

  test('receives no byte where there is no room, and leaves all', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'kept');
    assert.is((await server.recvfrom(Buffer.alloc(0))).bytes, 0);
    assert.is((await server.recvmsg({ buffers: [] })).bytes, 0);
    assert.is((await server.recvmsg({ buffers: [Buffer.alloc(0), new DataView(new ArrayBuffer(0))] })).bytes, 0);
    assert.is(await text(server), 'kept');
    await Promise.all([client.close(), server.close()]);
  });

  test('leaves what a message was only looked at for', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'ab');
    await client.writeAll(Buffer.from('cd'));
    const buffer = Buffer.alloc(4);
    while ((await server.peek(buffer)) < 4);
    assert.is(`${buffer}`, 'abcd');
    const [one, two] = [Buffer.alloc(1), Buffer.alloc(2)];
    assert.is((await server.recvmsg({ buffers: [one, two], flags: MSG_PEEK })).bytes, 3);
    assert.is(`${one}${two}`, 'abc');
    assert.is((await server.recvfrom(buffer, { length: 2, flags: MSG_PEEK })).bytes, 2);
    assert.is(await text(server), 'abcd');
    await Promise.all([client.close(), server.close()]);
  });

  test('throws bytes away by MSG_TRUNC, which fills no buffer', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'gone gone kept');
    const buffer = Buffer.alloc(5, '-');
    assert.is(await server.recv(buffer, { flags: MSG_TRUNC }), 5);
    assert.is((await server.recvmsg({ buffers: [buffer], flags: MSG_TRUNC })).bytes, 5);
    assert.is(`${buffer}`, '-----');
    assert.is(await text(server), 'kept');
    await Promise.all([client.close(), server.close()]);
  });

  test('hands no byte to who asks for errors', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'kept');
    const buffer = Buffer.alloc(4, '-');
    await rejects(server.recv(buffer, { flags: MSG_ERRQUEUE, timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    await rejects(server.recvmsg({ buffers: [buffer], flags: MSG_ERRQUEUE, timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    assert.is(`${buffer}`, '----');
    assert.is(await text(server), 'kept');
    await Promise.all([client.close(), server.close()]);
  });

  test('refuses bad arguments whatever has come', async (context) => {
    const [client, server] = await begun(context);
    await arrive(client, server, 'kept');
    const buffers = [Buffer.alloc(4)];
    const buffer = Buffer.alloc(4);
    for (const [value, code] of [
      [Number.NaN, 'ERR_OUT_OF_RANGE'],
      [2 ** 40, 'ERR_OUT_OF_RANGE'],
      [-1, 'ERR_OUT_OF_RANGE'],
      ['x', 'ERR_INVALID_ARG_TYPE'],
      [{}, 'ERR_INVALID_ARG_TYPE'],
      [1n, 'ERR_INVALID_ARG_TYPE'],
    ] as [never, string][]) {
      await rejects(server.recv(buffer, { flags: value }), code);
      await rejects(server.recvfrom(buffer, { flags: value }), code);
      await rejects(server.recvmsg({ buffers, flags: value }), code);
      await rejects(server.recvmsg({ buffers, maximumFds: value }), code);
      await rejects(server.send(buffer, { flags: value }), code);
    }
    const tooMany = new Array(1025).fill(buffer);
    await rejects(server.readv(tooMany), 'ERR_OUT_OF_RANGE');
    await rejects(server.recvmsg({ buffers: tooMany }), 'ERR_OUT_OF_RANGE');
    await rejects(server.writev(tooMany), 'ERR_OUT_OF_RANGE');
    assert.is(await text(server), 'kept');
    await Promise.all([client.close(), server.close()]);
  });

  test('reads nothing into a buffer that was detached meanwhile, and loses nothing', async (context) => {
    const [client, server] = await begun(context);
    for (const gone of [new Uint8Array(8), new DataView(new ArrayBuffer(8))]) {
      const reading = server.read(gone, { timeout: 20_000 });
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      await client.writeAll(Buffer.from('kept'));
      await rejects(reading, 'ERR_POLYRING_DETACHED');
      assert.is(await text(server), 'kept');
    }
    for (const gone of [new Uint8Array(8), new DataView(new ArrayBuffer(8))]) {
      const reading = server.readv([gone, Buffer.alloc(8)], { timeout: 20_000 });
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      await client.writeAll(Buffer.from('kept'));
      await rejects(reading, 'ERR_POLYRING_DETACHED');
      assert.is(await text(server), 'kept');
      await rejects(server.recvmsg({ buffers: [gone] }), 'ERR_POLYRING_DETACHED');
    }
    await rejects(server.recvmsg({} as never), 'ERR_INVALID_ARG_TYPE');
    await Promise.all([client.close(), server.close()]);
  });

  test('leaves what comes after to other calls, once one was asked for', async (context) => {
    const [client, server] = await begun(context);
    const buffer = Buffer.alloc(8);
    const receiving = server.pollIo(InterestSlot.Read, PollEvents.IN, () => {
      const bytes = tryRecv(server.fd, buffer);
      return bytes < 0 ? undefined : bytes;
    });
    await rejects(server.read(Buffer.alloc(1), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    await client.writeAll(Buffer.from('by hand'));
    assert.is(await receiving, 7);
    await client.writeAll(Buffer.from('by read'));
    assert.is(await text(server), 'by read');
    await Promise.all([client.close(), server.close()]);
  });

  test('gets a large amount in order, and small messages after it', async (context) => {
    const [client, server] = await begun(context);
    const large = Buffer.alloc(8_000_000);
    for (let at = 0; at < large.length; at += 4) large.writeUInt32LE(at, at);
    const writing = client.writeAll(large);
    const received = Buffer.alloc(large.length);
    let offset = 0;
    while (offset < received.length) offset += await server.read(received, { offset, timeout: 20_000 });
    assert.ok(received.equals(large));
    await writing;
    for (let round = 0; round < 20; round += 1) {
      await client.writeAll(Buffer.from(`message ${round}`));
      assert.is(await text(server), `message ${round}`);
    }
    await Promise.all([client.close(), server.close()]);
  });

  test('makes the writer wait when nobody reads, and the heap does not grow', async (context) => {
    const [client, server] = await begun(context);
    const before = process.memoryUsage().arrayBuffers;
    const piece = Buffer.alloc(1000, 'x');
    let sent = 0;
    let stopped = false;
    const writing = (async () => {
      while (!stopped) sent += await client.writeAll(piece, { timeout: 20_000 });
      client.shutdown('write');
    })();
    let last = -1;
    while (sent !== last) {
      last = sent;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
    stopped = true;
    let received = 0;
    const buffer = Buffer.alloc(65_536);
    for (let bytes = -1; bytes !== 0; received += bytes) bytes = await server.read(buffer, { timeout: 20_000 });
    await writing;
    assert.is(received, sent);
    await Promise.all([client.close(), server.close()]);
  });

  test('is told of a reset once, and of the end after that', async (context) => {
    const [client, server] = await begun(context);
    const reading = server.read(Buffer.alloc(1));
    // SO_LINGER of 0 seconds: close resets the connection.
    client.setOption(1, 13, Int32Array.of(1, 0));
    await client.close();
    await rejects(reading, 'ECONNRESET');
    assert.is(await text(server), '');
    await server.close();
  });

  test('closes its descriptor once, whatever it was doing, and tells when', async (context) => {
    const before = openDescriptors();
    const [client, server] = await begun(context);
    const reading = server.read(Buffer.alloc(1));
    const ends = [server.close(), server.close()];
    await rejects(reading, 'ERR_POLYRING_DISPOSED');
    await Promise.all(ends);
    assert.is(await text(client), '', 'the peer sees the end');
    await client.close();
    assert.is(openDescriptors(), before);
  });

  test('is read by readiness where the driver has no memory to receive ahead', async ({ backend }) => {
    if (backend !== 'uring') return;
    await using driver = uringBackend.create({ poolLimit: 1024 * 1024 });
    const [client, server] = await begun({ backend, driver });
    await arrive(client, server, 'by readiness');
    assert.is(await text(server), 'by readiness');
    await Promise.all([client.close(), server.close()]);
  });

  test('is read by readiness where the kernel has no memory to receive ahead', async ({ backend }) => {
    if (backend !== 'uring') return;
    await using driver = uringBackend.create();
    Object.defineProperty(driver.ioUring, 'bufferRing', {
      value: () => {
        throw systemError(Errno.ENOMEM, 'io_uring_register');
      },
    });
    const [client, server] = await begun({ backend, driver });
    await arrive(client, server, 'by readiness');
    assert.is(await text(server), 'by readiness');
    await Promise.all([client.close(), server.close()]);
  });

  test('does not keep the process alive while nobody reads', async (context) => {
    const [client, server] = await begun(context);
    assert.ok(server.hasRef());
    const controller = new AbortController();
    const reading = server.unref().read(Buffer.alloc(1), { signal: controller.signal });
    assert.not(server.hasRef());
    controller.abort();
    await rejects(reading, 'AbortError');
    await Promise.all([client.close(), server.close()]);
  });
});
