import { Errno, type InetAddress, IORING_OP_CONNECT, PollEvents, type RawFd, systemError } from '@polyring/core';
import {
  accept4,
  close,
  connect,
  getsockname,
  poll,
  SO_LINGER,
  SOL_SOCKET,
  setsockopt,
  socket,
  trySend,
} from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { ReadHalf } from '../stream/read-half.js';
import { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { socketReadiness } from '../transfer/readiness.js';
import { type Attempts, Connecting } from './connecting.js';
import { dispose, LIMIT, LOOPBACK, listening } from './connection.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';
import { socketKind } from './socket-kinds.js';
import { progressOf } from './tcp-info.js';

const { EACCES, EISCONN } = Errno;
const IPPROTO_MPTCP = 262;

/** An address of AF_UNSPEC, by which a socket is connected no more (connect(2)). */
const NOWHERE = { bytes: new Uint8Array(16) };

/** Whether this kernel, and whoever rules it, grants sockets of MPTCP. */
function hasMptcp(): boolean {
  try {
    close(socket('ipv4', 'stream', { protocol: IPPROTO_MPTCP }));
    return true;
  } catch {
    return false;
  }
}

await onEveryBackend('another connect', (test) => {
  test('a connection and an attempt go on that were made elsewhere, though a ring would refuse to connect', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    const made = socket('ipv4', 'stream');
    connect(made, address);
    connect(made, address);
    const server = accept4(listener);
    const [first, second, hanging] = [0, 1, 2].map(() => socket('ipv4', 'stream')) as [RawFd, RawFd, RawFd];
    for (const each of [first, second, hanging]) connect(each, address);
    // As a security module has it do.
    const submit = driver.ioUringSubmit.bind(driver);
    driver.ioUringSubmit = (entry, options) =>
      entry.opcode === IORING_OP_CONNECT ? Promise.reject(systemError(EACCES, 'connect')) : submit(entry, options);
    const client = new PolledSocket(driver, made);
    await rejects(client.connect(address), 'EISCONN');
    close(server);
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 0);
    const other = new PolledSocket(driver, hanging);
    await rejects(other.connect(address), 'EALREADY');
    assert.is(progressOf(hanging), 'connecting');
    dispose(client, other);
    for (const each of [first, second, listener]) close(each);
  });

  test('what is called behind an attempt that was given up does not wait for it', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const { localAddress } = listener;
    const first = await PolledSocket.connect(driver, localAddress);
    for (const referenced of [true, false]) {
      const client = PolledSocket.open(driver, 'ipv4');
      if (!referenced) client.unref();
      const controller = new AbortController();
      const { signal } = controller;
      const givenUp = rejects(client.connect(localAddress, { signal }), 'AbortError');
      controller.abort();
      await givenUp;
      const another = rejects(client.connect(localAddress, LIMIT), 'EALREADY');
      // It is of the attempt that goes on.
      const reading = rejects(client.read(Buffer.alloc(8), LIMIT), 'ERR_POLYRING_DISPOSED');
      await another;
      dispose(client);
      await reading;
    }
    dispose(first, listener);
  });

  test('how a connection has ended is no end of the next one', async ({ driver }) => {
    const listener = listening();
    const address = getsockname(listener);
    const client = PolledSocket.open(driver, 'ipv4');
    const read = () => client.read(Buffer.alloc(8), LIMIT);
    for (const isLost of [false, true, false]) {
      await client.connect(address);
      const peer = accept4(listener);
      trySend(peer, Buffer.from('hi'), 0, 2);
      assert.is(await read(), 2);
      if (isLost) setsockopt(peer, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
      close(peer);
      if (isLost) await rejects(read(), 'ECONNRESET');
      assert.is(await read(), 0);
      await client.connect(NOWHERE);
    }
    dispose(client);
    close(listener);
  });

  test('nothing of a connection is read from the next one: no bytes, and no end that comes late', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    const client = PolledSocket.open(driver, 'ipv4');
    const bytes = Buffer.alloc(8);
    const read = async () => bytes.toString('latin1', 0, await client.read(bytes, LIMIT));
    // The process does not wait for a socket that is not referenced.
    const alive = setInterval(() => {}, 60_000);
    for (const referenced of [true, false, true]) {
      await client.connect(address);
      const [reading, peer] = [read(), accept4(listener)];
      trySend(peer, Buffer.from('first'), 0, 5);
      assert.is(await reading, 'first');
      trySend(peer, Buffer.from('rest'), 0, 4);
      if (referenced) close(peer);
      // A ring receives it ahead meanwhile.
      for (let turn = 0; turn < 4; turn += 1) await new Promise(setImmediate);
      if (!referenced) client.unref();
      await client.connect(NOWHERE);
      await client.connect(address);
      client.ref();
      const next = accept4(listener);
      trySend(next, Buffer.from('next'), 0, 4);
      assert.is(await read(), 'next');
      await client.connect(NOWHERE);
      close(next);
      if (!referenced) close(peer);
    }
    clearInterval(alive);
    dispose(client);
    close(listener);
  });

  test('another connect tells of what an attempt that was given up has made, and begins anew where a call was told that it is lost', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    const alive = setInterval(() => {}, 60_000);
    const isMade = () => poll(Int32Array.of(listener, PollEvents.IN, 0), 0) === 1;
    for (const isLost of [false, true]) {
      for (const referenced of [true, false]) {
        const client = PolledSocket.open(driver, 'ipv4');
        if (!referenced) client.unref();
        const controller = new AbortController();
        const givenUp = rejects(client.connect(address, { signal: controller.signal }), 'AbortError');
        controller.abort();
        await givenUp;
        client.ref();
        while (!isMade()) await new Promise(setImmediate);
        const peer = accept4(listener);
        if (isLost) {
          const told = rejects(client.read(Buffer.alloc(8), LIMIT), 'ECONNRESET');
          setsockopt(peer, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
          close(peer);
          await told;
        }
        await client.connect(address, LIMIT);
        const now = isLost ? accept4(listener) : peer;
        assert.is(await client.write(Buffer.from('hi')), 2);
        await rejects(client.connect(address, LIMIT), 'EISCONN');
        dispose(client);
        close(now);
      }
    }
    clearInterval(alive);
    close(listener);
  });

  test('the error names the address that it was called with, whatever becomes of that object', async ({ driver }) => {
    const gone = listening();
    const { port } = getsockname(gone) as InetAddress;
    close(gone);
    const address = { address: '127.0.0.1', port };
    const client = PolledSocket.open(driver, 'ipv4');
    const failed = client.connect(address).catch((error: Error) => error);
    address.port = 1;
    assert.match(String(await failed), new RegExp(`127\\.0\\.0\\.1:${port}$`));
    dispose(client);
  });

  test('a connection that a ring has told of is none to connect again, though the kernel has it as one on its way', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    for (const isLost of [true, false]) {
      const fd = socket('ipv4', 'stream');
      connect(fd, address);
      const peer = accept4(listener);
      assert.is(poll(Int32Array.of(fd, PollEvents.OUT, 0), LIMIT.timeout), 1);
      const channel = new Channel<ReadAhead>(driver, fd, 'socket', socketReadiness);
      const attempts: Attempts = { isTcp: true, byRing: true, last: undefined };
      assert.is(new Connecting(channel, address, attempts).completed(0), undefined);
      trySend(peer, Buffer.from('hi'), 0, 2);
      if (isLost) setsockopt(peer, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
      close(peer);
      assert.is(new Connecting(channel, address, attempts).attempt(), EISCONN);
      const reader = new ReadHalf(channel, socketKind(fd, 'stream'));
      assert.is(await reader.read(Buffer.alloc(8), LIMIT), 2);
      dispose(channel);
    }
    close(listener);
  });

  test('an attempt that was given up and has failed is told to no other connect', async ({ driver }) => {
    const gone = listening();
    const dead = getsockname(gone);
    close(gone);
    const listener = listening();
    const alive = setInterval(() => {}, LIMIT.timeout);
    for (const isTaken of [false, true]) {
      const client = PolledSocket.open(driver, 'ipv4').unref();
      const controller = new AbortController();
      const givenUp = rejects(client.connect(dead, { signal: controller.signal }), 'AbortError');
      controller.abort();
      await givenUp;
      client.ref();
      if (isTaken) await client.write(Buffer.from('hi')).catch(() => {});
      await client.connect(getsockname(listener));
      close(accept4(listener));
      assert.is(await client.read(Buffer.alloc(8), LIMIT), 0);
      dispose(client);
    }
    clearInterval(alive);
    close(listener);
  });

  test('nothing that was received is lost where it was another object that has made the connection', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    const before = PolledSocket.open(driver, 'ipv4').unref();
    const controller = new AbortController();
    const givenUp = rejects(before.connect(address, { signal: controller.signal }), 'AbortError');
    controller.abort();
    await givenUp;
    const { fd } = await before.intoFd();
    const peer = accept4(listener);
    const client = new PolledSocket(driver, fd);
    const reading = client.read(Buffer.alloc(2), LIMIT);
    trySend(peer, Buffer.from('four'), 0, 4);
    assert.is(await reading, 2);
    await client.connect(address);
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 2);
    await rejects(client.connect(address), 'EISCONN');
    dispose(client);
    for (const each of [peer, listener]) close(each);
  });

  test('what waits for bytes of a connection that is given up is told that there is none, and of no end', async ({
    driver,
  }) => {
    const listener = listening();
    const client = PolledSocket.open(driver, 'ipv4');
    await client.connect(getsockname(listener));
    const read = () => client.read(Buffer.alloc(8), LIMIT).then(String, (error) => error.code);
    const reading = [read(), read()];
    await new Promise(setImmediate);
    await client.connect(NOWHERE);
    // The first may be told of the reset that the kernel makes of it.
    assert.is((await Promise.all(reading))[1], 'ENOTCONN');
    assert.is(await read(), 'ENOTCONN');
    dispose(client);
    close(listener);
  });

  if (!hasMptcp()) return;

  test('a socket of MPTCP whose connect was refused connects again, and once only', async ({ driver }) => {
    const gone = listening();
    const dead = getsockname(gone);
    close(gone);
    const listener = listening();
    const address = getsockname(listener);
    const client = PolledSocket.open(driver, 'ipv4', { protocol: IPPROTO_MPTCP });
    for (let time = 0; time < 2; time += 1) await rejects(client.connect(dead), 'ECONNREFUSED');
    await client.connect(address);
    for (let time = 0; time < 2; time += 1) await rejects(client.connect(address), 'EISCONN');
    const server = accept4(listener);
    trySend(server, Buffer.from('hi'), 0, 2);
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 2);
    dispose(client);
    for (const each of [server, listener]) close(each);
  });

  test('an attempt of MPTCP that is shut down has failed, and is not begun again', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK, { backlog: 0 });
    const first = await PolledSocket.connect(driver, listener.localAddress);
    const client = PolledSocket.open(driver, 'ipv4', { protocol: IPPROTO_MPTCP });
    const failed = rejects(client.connect(listener.localAddress, LIMIT), 'ECONNABORTED');
    await new Promise(setImmediate);
    client.shutdown('write');
    await failed;
    assert.throws(() => client.remoteAddress, /ENOTCONN/);
    dispose(client, first, listener);
  });
});
