import type { Driver } from '@polyring/core';
import { MSG_ERRQUEUE, MSG_NOSIGNAL, MSG_OOB, SO_LINGER, SOL_SOCKET, setsockopt } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LIMIT, LOOPBACK, text } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';

/** The driver has been told of everything that happened before. */
async function barrier(driver: Driver): Promise<void> {
  const [one, two] = PolledSocket.pair(driver);
  const waiting = text(two);
  await one.writeAll(Buffer.from('x'));
  await waiting;
  dispose(one, two);
}

/** Has the peer told that the connection is reset. */
function reset(socket: PolledSocket): void {
  setsockopt(socket.fd, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
  socket[Symbol.dispose]();
}

await onEveryBackend('A read that got less than there was room for', (test) => {
  test('what stands behind urgent data is read though a read ends before it', async ({ driver }) => {
    for (const between of [false, true]) {
      const [client, server] = await connection(driver);
      let received = '';
      const receive = async (bytes: string) => {
        while (!received.endsWith(bytes)) received += await text(server);
      };
      let receiving = receive('first');
      await client.writeAll(Buffer.from('first'));
      await receiving;
      receiving = receive(between ? 'before' : 'behind');
      await client.writeAll(Buffer.from('before'));
      if (between) {
        await receiving;
        receiving = receive('behind');
      }
      await client.send(Buffer.from('!'), { flags: MSG_OOB });
      await client.writeAll(Buffer.from('behind'));
      await receiving;
      assert.is(received, 'firstbeforebehind');
      dispose(client, server);
    }
  });

  test('an end or a reset behind the last bytes is told, though it came while nobody read', async ({ driver }) => {
    for (const ends of [true, false]) {
      const [client, server] = await connection(driver);
      const waiting = text(server, 4);
      await client.writeAll(Buffer.from('abcdef'));
      assert.is(await waiting, 'abcd');
      assert.is(await text(server, 4), 'ef');
      await client.writeAll(Buffer.from('gh'));
      if (ends) dispose(client);
      else reset(client);
      await barrier(driver);
      const rest: unknown[] = [];
      for (let index = 0; index < 2; index += 1) {
        rest.push(await server.read(Buffer.alloc(4), LIMIT).catch((error) => error.code));
      }
      if (ends) assert.equal(rest, [2, 0]);
      else assert.ok(rest.includes('ECONNRESET'), `${rest}`);
      dispose(server);
    }
  });

  test('what needs no byte is done at once where nothing is left', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const reading = text(server);
    await client.writeAll(Buffer.from('all'));
    assert.is(await reading, 'all');
    const empty = Buffer.alloc(0);
    assert.equal(await Promise.all([server.read(empty, LIMIT), server.recv(empty, LIMIT)]), [0, 0]);
    assert.is(await server.readv([empty], LIMIT), 0);
    dispose(client, server);
  });

  test('urgent data are received where nothing else is left', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const reading = text(server, 3);
    await client.writeAll(Buffer.from('abcdef'));
    assert.is(await reading, 'abc');
    const one = Buffer.alloc(1);
    // Its flag has nothing received ahead any more; what was stays to be read.
    assert.is(await server.recv(one, { flags: MSG_NOSIGNAL, ...LIMIT }), 1);
    await barrier(driver);
    await client.send(Buffer.from('!'), { flags: MSG_OOB });
    await barrier(driver);
    assert.is(await text(server, 2), 'ef');
    assert.is(await server.recv(one, { flags: MSG_OOB, ...LIMIT }), 1);
    assert.is(String(one), '!');
    dispose(client, server);
  });

  test('what is not there with a flag may be there without it', async ({ driver }) => {
    const receiver = PolledSocket.bound(driver, LOOPBACK);
    const sender = PolledSocket.open(driver, 'ipv4', { type: 'dgram' });
    const to = receiver.localAddress!;
    const waiting = text(receiver);
    await sender.sendto(Buffer.from('first'), to);
    assert.is(await waiting, 'first');
    await sender.sendto(Buffer.from('second'), to);
    const buffer = Buffer.alloc(16);
    await rejects(receiver.recv(buffer, { flags: MSG_ERRQUEUE, timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    assert.is(await receiver.recv(buffer, LIMIT), 6);
    dispose(receiver, sender);
  });

  test('what stands behind a message with descriptors is read though a read ends there', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const waiting = text(two);
    await one.writeAll(Buffer.from('first'));
    assert.is(await waiting, 'first');
    const reading = text(two);
    await one.sendmsg({ buffers: [Buffer.from('with')], fds: [one.fd] });
    await one.writeAll(Buffer.from('without'));
    assert.is(await reading, 'with');
    assert.is(await text(two), 'without');
    dispose(one, two);
  });
});
