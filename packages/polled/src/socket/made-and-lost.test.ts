import { Errno, PollEvents, type RawFd } from '@polyring/core';
import {
  accept4,
  close,
  connect,
  getsockname,
  getsockopt,
  poll,
  SO_ERROR,
  SO_LINGER,
  SOL_SOCKET,
  setsockopt,
  shutdown,
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
import { Connecting } from './connecting.js';
import { dispose, LIMIT, listening } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';
import { socketKind } from './socket-kinds.js';

const { EAGAIN, ECANCELED } = Errno;

/** An address of AF_UNSPEC, by which a socket is connected no more (connect(2)). */
const NOWHERE = { bytes: new Uint8Array(16) };

/** Accepts a connection, which is answered and reset when this returns. */
function answerAndReset(listener: RawFd, ends: boolean): void {
  const peer = accept4(listener);
  trySend(peer, Buffer.from('hi'), 0, 2);
  if (ends) shutdown(peer, 'write');
  setsockopt(peer, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
  close(peer);
}

/** Reads what that leaves: the end of the peer is an end, whatever comes behind it. */
async function readsAnswer(reader: Pick<ReadHalf, 'read'>, ends: boolean): Promise<void> {
  const read = () => reader.read(Buffer.alloc(8), LIMIT);
  assert.is(await read(), 2);
  if (!ends) await rejects(read(), 'ECONNRESET');
  assert.is(await read(), 0);
}

await onEveryBackend('connections that were made and lost', (test) => {
  test('what a peer has sent before it has reset the connection is read, though the connect was not told yet', async ({
    driver,
  }) => {
    const listener = listening();
    for (const ends of [true, false])
      for (const writes of [true, false]) {
        // Without a reference the thread connects at once, and no ring later.
        const client = PolledSocket.open(driver, 'ipv4').unref();
        const [reader, writer] = client.split();
        const connected = client.connect(getsockname(listener));
        answerAndReset(listener, ends);
        client.ref();
        if (!writes) dispose(writer);
        await (writes ? connected : rejects(connected, 'ERR_POLYRING_DISPOSED'));
        await readsAnswer(reader, ends);
        if (writes) await rejects(writer.write(Buffer.alloc(1)), 'EPIPE');
        dispose(client);
      }
    close(listener);
  });

  test('nor is it lost where a ring was told of the reset, or where its operation was cancelled', async ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    for (const isCancelled of [true, false])
      for (const ends of [true, false]) {
        const fd = socket('ipv4', 'stream');
        connect(fd, address);
        answerAndReset(listener, ends);
        const channel = new Channel<ReadAhead>(driver, fd, 'socket', socketReadiness);
        const connecting = new Connecting(channel, address, { isTcp: true, byRing: true, last: undefined });
        if (isCancelled) assert.is(connecting.completed(ECANCELED), EAGAIN);
        const answer = isCancelled ? connecting.attempt() : connecting.completed(-getsockopt(fd, SOL_SOCKET, SO_ERROR));
        assert.is(answer, undefined);
        await readsAnswer(new ReadHalf(channel, socketKind(fd, 'stream')), ends);
        dispose(channel);
      }
    close(listener);
  });

  test('nor where it is reset while the thread finds that it was made, as it asks by no other connect(2)', ({
    driver,
  }) => {
    const listener = listening();
    const address = getsockname(listener);
    const fd = socket('ipv4', 'stream');
    const channel = new Channel<ReadAhead>(driver, fd, 'socket', socketReadiness);
    const connecting = new Connecting(channel, address, { isTcp: true, byRing: false, last: undefined });
    assert.is(connecting.attempt(), EAGAIN);
    assert.is(poll(Int32Array.of(fd, PollEvents.OUT, 0), LIMIT.timeout), 1);
    assert.is(connecting.attempt(), undefined);
    assert.is(connect(fd, address), 0, 'the first that asks is no EISCONN');
    dispose(channel);
    close(listener);
  });

  test('a connection that was made is none to connect again, though its peer has reset it', async ({ driver }) => {
    const alive = setInterval(() => {}, LIMIT.timeout);
    const listener = listening();
    const address = getsockname(listener);
    for (const referenced of [true, false])
      for (const waits of [true, false]) {
        const client = PolledSocket.open(driver, 'ipv4').unref();
        const connected = client.connect(address);
        const again = () => rejects(client.connect(address), 'EISCONN');
        const refused = waits ? again() : undefined;
        answerAndReset(listener, false);
        if (referenced) client.ref();
        await connected;
        await (refused ?? again());
        await readsAnswer(client, false);
        await again();
        // What is not connected any more is connected again.
        connect(client.fd, NOWHERE);
        await client.connect(address);
        close(accept4(listener));
        await again();
        dispose(client);
      }
    close(listener);
    clearInterval(alive);
  });

  test('nor is one made again that was shut down since, and given to another socket', async ({ driver }) => {
    const listener = listening();
    const address = getsockname(listener);
    const fd = socket('ipv4', 'stream');
    connect(fd, address);
    answerAndReset(listener, false);
    assert.throws(() => shutdown(fd, 'write'), /ENOTCONN/);
    const client = new PolledSocket(driver, fd);
    await rejects(client.connect(address), 'EINVAL');
    await readsAnswer(client, false);
    dispose(client);
    close(listener);
  });

  test('a connect tells of the connection that one has made which was given up', async ({ driver }) => {
    const alive = setInterval(() => {}, LIMIT.timeout);
    const listener = listening();
    const address = getsockname(listener);
    const client = PolledSocket.open(driver, 'ipv4').unref();
    for (let time = 0; time < 2; time += 1) {
      const controller = new AbortController();
      const givenUp = rejects(client.connect(address, { signal: controller.signal }), 'AbortError');
      controller.abort();
      await givenUp;
      close(accept4(listener));
      await client.connect(address);
      await rejects(client.connect(address), 'EISCONN');
      await client.connect(NOWHERE);
    }
    dispose(client);
    close(listener);
    clearInterval(alive);
  });

  test('nor does that lose what the peer has sent before it has reset it', async ({ driver }) => {
    const listener = listening();
    const address = getsockname(listener);
    for (const ends of [true, false]) {
      const client = PolledSocket.open(driver, 'ipv4').unref();
      const controller = new AbortController();
      const givenUp = rejects(client.connect(address, { signal: controller.signal }), 'AbortError');
      controller.abort();
      await givenUp;
      answerAndReset(listener, ends);
      client.ref();
      await client.connect(address);
      await rejects(client.connect(address), 'EISCONN');
      await readsAnswer(client, ends);
      dispose(client);
    }
    close(listener);
  });

  test('a connect whose error was taken meanwhile fails, and the next one may begin', async ({ driver }) => {
    const gone = listening();
    const dead = getsockname(gone);
    close(gone);
    const client = PolledSocket.open(driver, 'ipv4').unref();
    const failed = rejects(client.connect(dead), 'ECONNABORTED');
    client.ref();
    assert.is(poll(Int32Array.of(client.fd, PollEvents.OUT, 0), LIMIT.timeout), 1);
    assert.is(client.getOption(SOL_SOCKET, SO_ERROR), 111);
    await failed;
    const listener = listening();
    await client.connect(getsockname(listener));
    dispose(client);
    close(listener);
  });
});
