import { rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LIMIT, LOOPBACK, text } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';

await onEveryBackend('shutdown for reading', (test) => {
  test('a read that waits gets 0, and later ones what TCP receives still', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const buffer = Buffer.alloc(8);
    const reading = client.read(buffer, LIMIT);
    client.shutdown('read');
    assert.is(await reading, 0);
    assert.is(await client.read(buffer, LIMIT), 0);
    await server.write(Buffer.from('late'));
    // Over loopback it is there at once.
    assert.is(await text(client), 'late');
    assert.is(await client.read(buffer, LIMIT), 0);
    dispose(client, server);
  });

  test('what was received before is read, whoever has received it', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const first = text(client, 2);
    await server.write(Buffer.from('early'));
    assert.is(await first, 'ea');
    client.shutdown('read');
    await server.write(Buffer.from(' late'));
    let rest = '';
    for (let part = await text(client, 2); part !== ''; part = await text(client, 2)) rest += part;
    assert.is(rest, 'rly late');
    dispose(client, server);
  });

  test('a read of a datagram socket gives what is there, and then 0, whether it waits or comes later', async (context) => {
    const { driver } = context;
    const peer = PolledSocket.bound(driver, LOOPBACK);
    const udp = PolledSocket.bound(driver, LOOPBACK);
    await udp.connect(peer.localAddress);
    const buffer = Buffer.alloc(8);
    for (const [socket, sender] of [[udp, peer] as const, PolledSocket.pair(driver, { type: 'dgram' })]) {
      const waiting = [socket.read(buffer, LIMIT), socket.recvfrom(buffer, LIMIT)] as const;
      socket.shutdown('read');
      assert.is(await waiting[0], 0);
      assert.equal(await waiting[1], { bytes: 0, address: undefined, flags: 0 });
      assert.is(await socket.readv([buffer], LIMIT), 0);
      assert.is(await socket.peek(buffer, LIMIT), 0);
      dispose(socket, sender);
    }
  });

  test('a datagram that was there is read before the 0', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    await two.write(Buffer.from('early'));
    one.shutdown('both');
    assert.is(await text(one), 'early');
    assert.is(await text(one), '');
    dispose(one, two);
  });

  test('a direction that is none ends nothing', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    throws(() => one.shutdown('all' as never), 'ERR_INVALID_ARG_VALUE');
    throws(() => one.shutdown(2 as never), 'ERR_INVALID_ARG_TYPE');
    const readings = [text(one), text(one)];
    for (const [index, sent] of ['early', 'late'].entries()) {
      await two.write(Buffer.from(sent));
      assert.is(await readings[index], sent);
    }
    dispose(one, two);
  });

  test('the web stream of a datagram socket ends by it', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    const reading = one.readable.getReader().read();
    one.shutdown('read');
    assert.is((await reading).done, true);
    dispose(one, two);
  });

  test('a unix socket tells its peer', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    await two.write(Buffer.from('early'));
    const buffer = Buffer.alloc(8);
    one.shutdown('read');
    assert.is(await text(one), 'early');
    assert.is(await one.read(buffer, LIMIT), 0);
    await rejects(two.write(Buffer.from('late')), 'EPIPE');
    await one.write(Buffer.from('goes on'));
    assert.is(await text(two), 'goes on');
    dispose(one, two);
  });
});

await onEveryBackend('shutdown for writing', (test) => {
  test('ends the writes that wait, of unix sockets of every type', async ({ driver }) => {
    for (const direction of ['write', 'both'] as const)
      for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
        const [one, two] = PolledSocket.pair(driver, { type });
        const message = Buffer.alloc(type === 'stream' ? 8_000_000 : 50_000);
        const waiting: Promise<unknown>[] = [];
        for (let pending = false; !pending; ) {
          const writing = one.writeAll(message);
          const turn = new Promise((resolve) => setImmediate(resolve, 'pending'));
          pending = (await Promise.race([writing, turn])) === 'pending';
          if (pending) waiting.push(writing, one.writeAll(message), one.writev([message]));
        }
        const ends = waiting.map((each) => rejects(each, 'EPIPE'));
        one.shutdown(direction);
        await Promise.all(ends);
        await rejects(one.write(message), 'EPIPE');
        dispose(one, two);
      }
  });

  test('a driver that was closed before ends them first', async ({ driver }) => {
    // What a ring is at, it ends with what the shutdown says.
    if (driver.supports.ioUring) return;
    const [one, two] = PolledSocket.pair(driver, {});
    const writing = rejects(one.writeAll(Buffer.alloc(8_000_000)), 'ERR_POLYRING_CLOSED');
    await new Promise(setImmediate);
    const closed = driver.close();
    one.shutdown('write');
    await Promise.all([writing, closed]);
    dispose(one, two);
  });
});
