import { Errno, PollEvents } from '@polyring/core';
import {
  AF_INET,
  close,
  connect,
  getsockname,
  type InetAddress,
  MSG_DONTWAIT,
  poll,
  socket,
  tryRead,
} from '@polyring/sys';
import { openDescriptors, rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { socketReadiness } from '../transfer/readiness.js';
import { Connecting } from './connecting.js';
import { connection, dispose, LIMIT, LOOPBACK, listening, text } from './connection.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const { EAGAIN, EALREADY } = Errno;

/** What the other end of a connection was asked for before goes on: a read, and writes of so many bytes. */
async function goesOn(far: PolledSocket, read: Promise<number>, bytes: number): Promise<void> {
  await far.write(Buffer.from('hi'));
  assert.is(await read, 2);
  const room = Buffer.alloc(65_536);
  for (let left = bytes; left > 0; ) left -= await far.read(room, LIMIT);
}

await onEveryBackend('connect', (test) => {
  test('a dead port, a dead path and a timeout end a connect, and leave nothing', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const address = listener.localAddress;
    listener[Symbol.dispose]();
    const before = openDescriptors();
    const error = await rejects(PolledSocket.connect(driver, address), 'ECONNREFUSED');
    assert.is(error.syscall, 'connect');
    await rejects(PolledSocket.connect(driver, { path: '/no/such/socket' }), 'ENOENT');
    await rejects(PolledSocket.connect(driver, address, { signal: AbortSignal.abort() }), 'AbortError');
    assert.is(openDescriptors(), before);
  });

  test('an address that is refused is named by the error, of what waited for the connection too', async ({
    driver,
  }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const localAddress = gone.localAddress as InetAddress;
    const { address, port } = localAddress;
    await gone.close();
    const alive = setInterval(() => {}, LIMIT.timeout);
    for (const referenced of [true, false]) {
      const client = PolledSocket.open(driver, 'ipv4');
      if (!referenced) client.unref();
      const failed = [client.connect(localAddress), client.read(Buffer.alloc(1))];
      for (const error of await Promise.all(failed.map((each) => rejects(each, 'ECONNREFUSED')))) {
        assert.is(error.message, `ECONNREFUSED: connection refused, connect ${address}:${port}`);
        assert.equal(
          { ...error },
          { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', fd: client.fd, address, port },
        );
      }
      dispose(client);
    }
    clearInterval(alive);
    const missing = await rejects(PolledSocket.connect(driver, { path: '/no/such/socket' }), 'ENOENT');
    assert.is(missing.message, "ENOENT: no such file or directory, connect '/no/such/socket'");
    assert.is(missing.path, '/no/such/socket');
    const short = { bytes: Uint8Array.of(AF_INET, 0) };
    const { message } = await rejects(PolledSocket.connect(driver, short), 'EINVAL');
    assert.is(message, 'EINVAL: invalid argument, connect');
  });

  test('a socket whose connect was refused connects again, and once only', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const { localAddress } = gone;
    await gone.close();
    const client = PolledSocket.open(driver, 'ipv4');
    for (let time = 0; time < 2; time += 1) await rejects(client.connect(localAddress), 'ECONNREFUSED');
    const listener = PolledListener.listen(driver, localAddress);
    await client.connect(localAddress);
    await rejects(client.connect(localAddress), 'EISCONN');
    const server = await listener.accept();
    await client.writeAll(Buffer.from('hello'));
    assert.is(await text(server), 'hello');
    dispose(client, server, listener);
  });

  test('what is read and written while a socket connects waits for the connection', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const alive = setInterval(() => {}, LIMIT.timeout);
    for (const referenced of [true, false]) {
      const client = PolledSocket.open(driver, 'ipv4');
      if (!referenced) client.unref();
      const buffer = Buffer.alloc(8);
      const connected = client.connect(listener.localAddress);
      const reads = [client.read(buffer), client.recv(buffer, { flags: MSG_DONTWAIT }), client.peek(buffer)];
      const writes = [client.write(Buffer.from('one ')), client.sendmsg({ buffers: [Buffer.from('two')] })];
      const server = await listener.accept(LIMIT);
      await connected;
      assert.equal(await Promise.all(writes), [4, 3]);
      assert.is(await text(server), 'one two');
      for (const read of reads) {
        await server.write(Buffer.from('hi'));
        assert.is(await read, 2);
      }
      dispose(client, server);
    }
    clearInterval(alive);
    dispose(listener);
  });

  test('a connect that fails is the error of what waited for it, and no end of a stream', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const { localAddress } = gone;
    await gone.close();
    const client = PolledSocket.open(driver, 'ipv4');
    const failed = [
      client.connect(localAddress),
      client.read(Buffer.alloc(1)),
      client.write(Buffer.alloc(1)),
      client.writev([Buffer.alloc(1)]),
    ].map((each) => rejects(each, 'ECONNREFUSED'));
    for (const error of await Promise.all(failed)) assert.is(error.syscall, 'connect');
    await rejects(client.read(Buffer.alloc(1)), 'ENOTCONN');
    await rejects(client.write(Buffer.alloc(1)), 'EPIPE');
    dispose(client);
  });

  test('a connect that is ended ends what waited for it', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const { localAddress } = listener;
    const first = await PolledSocket.connect(driver, localAddress);
    for (const end of ['AbortError', 'ERR_POLYRING_TIMEOUT', 'ERR_POLYRING_DISPOSED']) {
      const client = PolledSocket.open(driver, 'ipv4');
      const controller = new AbortController();
      const timeout = end === 'ERR_POLYRING_TIMEOUT' ? 1 : Infinity;
      const ended = [
        client.connect(localAddress, { signal: controller.signal, timeout }),
        client.read(Buffer.alloc(1)),
        client.write(Buffer.alloc(1)),
        // It could not begin, as the first goes on.
        client.connect(localAddress),
        client.write(Buffer.alloc(1)),
      ].map((each) => rejects(each, end));
      if (end === 'AbortError') controller.abort();
      if (end === 'ERR_POLYRING_DISPOSED') dispose(client);
      await Promise.all(ended);
      await client.close();
    }
    dispose(first, listener);
  });

  test('closing the driver ends what waits for a connection', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const first = await PolledSocket.connect(driver, listener.localAddress);
    const client = PolledSocket.open(driver, 'ipv4');
    const buffer = Buffer.alloc(1);
    const ended = [client.connect(listener.localAddress), client.read(buffer), client.write(buffer)].map((each) =>
      rejects(each, 'ERR_POLYRING_CLOSED'),
    );
    await driver.close();
    await Promise.all(ended);
    dispose(client, first, listener);
  });

  test('a closed driver attempts nothing of what waits', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const dead = gone.localAddress;
    await gone.close();
    const listener = listening();
    const client = PolledSocket.open(driver, 'ipv4');
    const [near, far] = PolledSocket.pair(driver);
    const { fd } = await far.intoFd();
    const writes = [near.writeAll(Buffer.alloc(4_000_000)), near.write(Buffer.alloc(1))];
    await new Promise(setImmediate);
    const connects = [client.connect(dead), client.connect(getsockname(listener)), client.write(Buffer.alloc(1))];
    const ended = [...connects, ...writes].map((each) => rejects(each, 'ERR_POLYRING_CLOSED'));
    const closed = driver.close();
    // There is room for the second write once the first is over.
    const room = Buffer.alloc(1_000_000);
    while (tryRead(fd, room, 0, room.length) > 0);
    await closed;
    await Promise.all(ended);
    assert.is(poll(Int32Array.of(listener, PollEvents.IN, 0)), 0);
    for (const each of [listener, fd]) close(each);
    dispose(client, near);
  });

  test('a connect of a socket that is connected leaves what waits alone', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const buffer = Buffer.alloc(8);
    const read = client.read(buffer);
    const refused = rejects(client.connect(client.remoteAddress), 'EISCONN');
    const [next, write] = [client.read(buffer), client.write(Buffer.from('goes on'))];
    await refused;
    await write;
    assert.is(await text(server), 'goes on');
    for (const each of [read, next]) {
      await server.write(Buffer.from('hi'));
      assert.is(await each, 2);
    }
    dispose(client, server);
  });

  test('a connect that is ended leaves the calls alone that were made before it', async ({ driver }) => {
    const [near, far] = PolledSocket.pair(driver);
    const buffer = Buffer.alloc(8);
    const sent = Buffer.alloc(4_000_000);
    const read = near.read(buffer, LIMIT);
    const writes = [near.writeAll(sent), near.write(Buffer.alloc(1))];
    const controller = new AbortController();
    const connect = rejects(near.connect({ path: '/none' }, { signal: controller.signal }), 'AbortError');
    const behind = rejects(near.read(buffer), 'AbortError');
    controller.abort();
    await Promise.all([connect, behind]);
    await goesOn(far, read, sent.length + 1);
    assert.equal(await Promise.all(writes), [sent.length, 1]);
    dispose(near, far);
  });

  test('of two connects each has the calls behind it', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const dead = gone.localAddress;
    await gone.close();
    const listener = PolledListener.listen(driver, LOOPBACK);
    const address = listener.localAddress;
    const buffer = Buffer.alloc(8);

    const refused = PolledSocket.open(driver, 'ipv4');
    const failed = [refused.connect(dead), refused.read(buffer), refused.write(buffer)].map((each) =>
      rejects(each, 'ECONNREFUSED'),
    );
    const done = [refused.connect(address), refused.write(Buffer.from('second'))];
    await Promise.all(failed);
    const second = await listener.accept(LIMIT);
    assert.equal(await Promise.all(done), [undefined, 6]);
    assert.is(await text(second), 'second');

    const client = PolledSocket.open(driver, 'ipv4');
    const controller = new AbortController();
    const { signal } = controller;
    const connected = [client.connect(address), client.write(Buffer.from('first'))];
    const ended = [client.connect(address, { signal }), client.write(buffer)].map((each) =>
      rejects(each, 'AbortError'),
    );
    controller.abort();
    await Promise.all(ended);
    const first = await listener.accept(LIMIT);
    assert.equal(await Promise.all(connected), [undefined, 5]);
    assert.is(await text(first), 'first');
    dispose(refused, second, client, first, listener);
  });

  test('a connect that is ended before it begins leaves the next one alone', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const dead = gone.localAddress;
    await gone.close();
    const listener = PolledListener.listen(driver, LOOPBACK);
    const client = PolledSocket.open(driver, 'ipv4');
    const controller = new AbortController();
    const { signal } = controller;
    const buffer = Buffer.alloc(8);
    const refused = [client.connect(dead), client.write(buffer)].map((each) => rejects(each, 'ECONNREFUSED'));
    const ended = [client.connect(dead, { signal }), client.write(buffer)].map((each) => rejects(each, 'AbortError'));
    const done = [client.connect(listener.localAddress), client.write(Buffer.from('third'))];
    controller.abort();
    await Promise.all([...refused, ...ended]);
    assert.equal(await Promise.all(done), [undefined, 5]);
    const server = await listener.accept(LIMIT);
    assert.is(await text(server), 'third');
    dispose(client, server, listener);
  });

  test('a connect that may not be made leaves what waits alone', async ({ driver }) => {
    const [near, far] = PolledSocket.pair(driver);
    const sent = Buffer.alloc(4_000_000);
    const writes = [near.writeAll(sent)];
    const refused = [
      rejects(near.connect({ path: '/none' }, { timeout: -1 }), 'ERR_OUT_OF_RANGE'),
      rejects(near.connect({ path: '/none' }, { signal: AbortSignal.abort() }), 'AbortError'),
    ];
    writes.push(near.write(Buffer.alloc(1)));
    const read = near.read(Buffer.alloc(8));
    await Promise.all(refused);
    await goesOn(far, read, sent.length + 1);
    assert.equal(await Promise.all(writes), [sent.length, 1]);
    dispose(near, far);
  });

  test('a writing half that is disposed of while it connects is the end for the peer, and the other half reads on', async ({
    driver,
  }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const client = PolledSocket.open(driver, 'ipv4');
    const [reader, writer] = client.split();
    const connect = rejects(client.connect(listener.localAddress), 'ERR_POLYRING_DISPOSED');
    const read = reader.read(Buffer.alloc(8), LIMIT);
    dispose(writer);
    await connect;
    const server = await listener.accept(LIMIT);
    assert.is(await server.read(Buffer.alloc(8), LIMIT), 0);
    await server.writeAll(Buffer.from('hi'));
    assert.is(await read, 2);
    dispose(reader, server, listener);
  });

  test('a reader whose writing half is disposed of while its connect is refused is told of that', async ({
    driver,
  }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const { localAddress } = gone;
    await gone.close();
    for (const referenced of [true, false]) {
      const client = PolledSocket.open(driver, 'ipv4');
      if (!referenced) client.unref();
      const [reader, writer] = client.split();
      const connect = rejects(client.connect(localAddress), 'ERR_POLYRING_DISPOSED');
      const reads = [1, 2].map(() => rejects(reader.read(Buffer.alloc(8), LIMIT), 'ECONNREFUSED'));
      dispose(writer);
      await Promise.all([connect, ...reads]);
      await rejects(reader.read(Buffer.alloc(8), LIMIT), 'ENOTCONN');
      dispose(reader);
    }
  });

  test('an attempt that is shut down has failed, and is not begun again', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const first = await PolledSocket.connect(driver, listener.localAddress);
    const client = PolledSocket.open(driver, 'ipv4');
    const failed = rejects(client.connect(listener.localAddress, LIMIT), 'ECONNRESET');
    await new Promise(setImmediate);
    client.shutdown('write');
    await failed;
    dispose(client, first, listener);
  });

  test('a reader goes on whose writing half is disposed of while a connect waits for its turn', async ({ driver }) => {
    const [near, far] = PolledSocket.pair(driver);
    const [reader, writer] = near.split();
    const ended = [writer.writeAll(Buffer.alloc(4_000_000)), near.connect({ path: '/none' })].map((each) =>
      rejects(each, 'ERR_POLYRING_DISPOSED'),
    );
    const read = reader.read(Buffer.alloc(8), LIMIT);
    dispose(writer);
    await Promise.all(ended);
    await far.write(Buffer.from('hi'));
    assert.is(await read, 2);
    dispose(near, far);
  });

  test('an attempt that hangs goes on, however often it is asked about', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const address = listener.localAddress;
    const first = await PolledSocket.connect(driver, address);
    const fd = socket('ipv4', 'stream');
    const channel = new Channel<ReadAhead>(driver, fd, 'socket', socketReadiness);
    const connecting = (byRing: boolean) => new Connecting(channel, address, { isTcp: true, byRing, last: undefined });
    const hanging = connecting(false);
    for (let time = 0; time < 2; time += 1) assert.is(hanging.attempt(), EAGAIN);
    assert.is(connecting(true).completed(EALREADY), EALREADY);
    assert.throws(() => connect(fd, address), /EALREADY/);
    dispose(channel, first, listener);
  });

  test('the peer is told the end where the writing half is disposed of behind a connect that was given up', async ({
    driver,
  }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const client = PolledSocket.open(driver, 'ipv4');
    const [, writer] = client.split();
    const controller = new AbortController();
    const givenUp = rejects(client.connect(listener.localAddress, { signal: controller.signal }), 'AbortError');
    controller.abort();
    dispose(writer);
    await givenUp;
    const server = await listener.accept({ timeout: 1000 }).catch(() => undefined);
    if (server !== undefined) assert.is(await server.read(Buffer.alloc(8), LIMIT), 0);
    dispose(client, ...(server === undefined ? [] : [server]), listener);
  });

  test('a reader whose writing half is disposed of while its connect hangs is not connected', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const first = await PolledSocket.connect(driver, listener.localAddress);
    for (const wait of [async () => {}, () => new Promise(setImmediate)]) {
      const client = PolledSocket.open(driver, 'ipv4');
      const [reader, writer] = client.split();
      const connect = rejects(client.connect(listener.localAddress), 'ERR_POLYRING_DISPOSED');
      const reads = [1, 2].map(() => rejects(reader.read(Buffer.alloc(8), LIMIT), 'ENOTCONN'));
      await wait();
      dispose(writer);
      await Promise.all([connect, ...reads]);
      assert.throws(() => client.shutdown('read'), /ENOTCONN/);
      assert.is(await reader.read(Buffer.alloc(8), LIMIT), 0, 'no peer has reset it');
      dispose(reader);
    }
    dispose(first, listener);
  });
});
