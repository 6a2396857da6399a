import path from 'node:path';
import type { Driver } from '@polyring/core';
import { close, eventfd, MSG_CTRUNC, MSG_TRUNC, socket, trySendmsg, write } from '@polyring/sys';
import { openDescriptors, rejects, TemporaryDirectory, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  using directory = new TemporaryDirectory();
  await body(directory.path);
}

async function text(socket: PolledSocket): Promise<string> {
  const buffer = Buffer.alloc(64);
  return buffer.toString('utf8', 0, await socket.read(buffer));
}

/** RTM_GETLINK for all interfaces: what `ip link` asks the kernel. */
function linkRequest(): Buffer {
  const request = new DataView(new ArrayBuffer(32));
  request.setUint32(0, 32, true);
  request.setUint16(4, 18, true);
  request.setUint16(6, 0x301, true);
  request.setUint32(8, 1, true);
  return Buffer.from(request.buffer);
}

function dispose(...objects: Disposable[]): void {
  for (const object of objects) object[Symbol.dispose]();
}

async function talkBySeqpacket(driver: Driver, at: { path: string }): Promise<void> {
  const listener = PolledListener.listen(driver, at, { type: 'seqpacket' });
  const client = await PolledSocket.connect(driver, at, { type: 'seqpacket' });
  const server = await listener.accept();
  assert.equal([server.type, listener.localAddress], ['seqpacket', at]);
  await client.write(Buffer.from('one'));
  await client.write(Buffer.from('two'));
  assert.equal([await text(server), await text(server)], ['one', 'two'], 'packets keep their borders');
  client[Symbol.dispose]();
  assert.is(await text(server), '');
  dispose(server, listener);
}

await onEveryBackend('PolledSocket with datagrams', (test) => {
  test('datagrams of UDP come with their sender, and are answered', async ({ driver }) => {
    const server = PolledSocket.bound(driver, LOOPBACK);
    const client = PolledSocket.bound(driver, LOOPBACK, { type: undefined });
    assert.equal([server.type, client.type], ['dgram', 'dgram']);
    const buffer = Buffer.alloc(16);
    const receiving = server.recvfrom(buffer);
    assert.is(await client.sendto(Buffer.from('-ping-'), server.localAddress, { offset: 1, length: 4 }), 4);
    const { bytes, address, flags } = await receiving;
    assert.is(buffer.toString('utf8', 0, bytes), 'ping');
    assert.equal([address, flags], [client.localAddress, 0]);
    await client.connect(server.localAddress);
    await server.sendto(Buffer.from('pong'), client.localAddress);
    assert.is(await text(client), 'pong');
    await client.write(Buffer.alloc(0));
    assert.is((await server.recvfrom(buffer)).bytes, 0, 'a datagram may be empty');
    dispose(client, server);
  });

  test('a view that its buffer has shrunk below has no bytes, a DataView too', async ({ driver }) => {
    const [one, two] = [PolledSocket.bound(driver, LOOPBACK), PolledSocket.bound(driver, LOOPBACK)];
    for (const View of [Uint8Array, DataView]) {
      // ES2024: @types/node 20 does not know resizable buffers.
      const memory = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 16 }]) as ArrayBuffer & {
        resize(length: number): void;
      };
      const view = Reflect.construct(View, [memory, 8]) as ArrayBufferView;
      memory.resize(4);
      assert.is(await one.sendto(view, two.localAddress), 0);
      assert.is((await two.recvfrom(view)).bytes, 0);
    }
    dispose(one, two);
  });

  test('an empty datagram ends no web stream, and is sent by every way to write', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    const nothing = Buffer.alloc(0);
    await one.write(Buffer.from('first'));
    assert.is(await one.writeAll(nothing), 0);
    await one.write(nothing);
    await one.writev([nothing]);
    await one.write(Buffer.from('last'));
    assert.is(await text(two), 'first');
    assert.is(await two.peek(Buffer.alloc(1)), 0);
    assert.is(await text(two), '');
    const chunk = await two.readable.getReader().read();
    assert.is(Buffer.from(chunk.value ?? nothing).toString(), 'last');
    assert.not(two.disposed);
    await one.writeAll(nothing);
    assert.is(await two.read(Buffer.alloc(1), { timeout: 20_000 }), 0, 'its reading half is not disposed of');
    dispose(one, two);
  });

  test('what came before the end of reading is given, an empty one too, and a socket without a peer has that end as well', async ({
    driver,
  }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    for (const bytes of ['', 'z']) await one.write(Buffer.from(bytes));
    two.shutdown('read');
    const chunks: string[] = [];
    for await (const chunk of two.readable) chunks.push(Buffer.from(chunk).toString());
    assert.equal(chunks, ['z']);
    const alone = PolledSocket.bound(driver, LOOPBACK);
    const reading = alone.read(Buffer.alloc(1), { timeout: 20_000 });
    throws(() => alone.shutdown('read'), 'ENOTCONN');
    assert.is(await reading, 0);
    dispose(one, two, alone);
  });

  test('a pair of which one end cannot be made leaves no descriptor', () => {
    const before = openDescriptors();
    let asked = 0;
    const closing = {
      name: 'closing',
      newDynTimer() {},
      get closed() {
        asked += 1;
        return asked > 1;
      },
    } as unknown as Driver;
    throws(() => PolledSocket.pair(closing, { type: 'dgram' }), 'ERR_POLYRING_CLOSED');
    assert.is(asked, 2);
    assert.is(openDescriptors(), before);
  });

  test('a datagram that is too long is cut short and said to be', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    await one.write(Buffer.from('0123456789'));
    await one.write(Buffer.from('next'));
    const { bytes, flags } = await two.recvfrom(Buffer.alloc(4), { flags: MSG_TRUNC });
    assert.equal([bytes, flags & MSG_TRUNC], [10, MSG_TRUNC]);
    assert.is(await text(two), 'next');
    dispose(one, two);
  });

  test('what nobody receives is told to a connected sender', async ({ driver }) => {
    const server = PolledSocket.bound(driver, LOOPBACK);
    const client = PolledSocket.bound(driver, LOOPBACK);
    await client.connect(server.localAddress);
    server[Symbol.dispose]();
    const reading = client.read(Buffer.alloc(1));
    await client.write(Buffer.from('x'));
    await rejects(reading, 'ECONNREFUSED');
    client[Symbol.dispose]();
  });

  test('a sender waits while the queue of a unix datagram socket is full', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver, { type: 'dgram' });
    const sent = 2000;
    let written = 0;
    const writing = (async () => {
      while (written < sent) {
        await one.write(Buffer.from([written & 0xff]));
        written += 1;
      }
    })();
    await new Promise(setImmediate);
    assert.ok(written < sent, 'the kernel has no room for all of them');
    const buffer = Buffer.alloc(4);
    for (let at = 0; at < sent; at += 1) {
      assert.is(await two.read(buffer), 1);
      assert.is(buffer[0], at & 0xff);
    }
    await writing;
    dispose(one, two);
  });

  test('a sender to an address whose queue is full tries now and then, until there is room', async ({ driver }) => {
    const receiver = PolledSocket.bound(driver, { path: '' });
    const sender = PolledSocket.open(driver, 'unix', { type: 'dgram' });
    let tries = 0;
    const message = {
      buffers: [Buffer.from('x')],
      get address() {
        tries += 1;
        return receiver.localAddress;
      },
    };
    let sent = 0;
    while (trySendmsg(sender.fd, message) > 0) sent += 1;
    tries = 0;
    const sending = sender.sendmsg(message);
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    assert.ok(tries < 50, `tried ${tries} times in 200 turns`);
    for (; sent > 0; sent -= 1) await text(receiver);
    assert.is(await sending, 1);
    dispose(sender, receiver);
  });

  test('a sender to an address whose queue is full is told at once of the end of the driver', async ({ driver }) => {
    const receiver = PolledSocket.bound(driver, { path: '' });
    const sender = PolledSocket.open(driver, 'unix', { type: 'dgram' });
    const send = () => sender.sendto(Buffer.from('x'), receiver.localAddress, { timeout: 50 });
    while ((await send().catch(() => 0)) > 0);
    const sending = rejects(send(), 'ERR_POLYRING_CLOSED');
    await driver.close();
    await sending;
  });

  test('unix sockets speak datagrams, by path and by abstract name', async ({ driver }) => {
    await withFolder(async (folder) => {
      for (const at of [{ path: path.join(folder, 'socket') }, { path: `\0polyring-test-${process.pid}` }]) {
        const server = PolledSocket.bound(driver, at);
        const client = PolledSocket.bound(driver, { path: `${at.path}.client` });
        await client.sendto(Buffer.from('hello'), at);
        const { address } = await server.recvfrom(Buffer.alloc(8));
        assert.equal(address, { path: `${at.path}.client` });
        dispose(client, server);
      }
    });
  });

  test('unix sockets speak packets over a connection, by path and by abstract name', async ({ driver }) => {
    await withFolder(async (folder) => {
      await talkBySeqpacket(driver, { path: path.join(folder, 'socket') });
      await talkBySeqpacket(driver, { path: `\0polyring-test-${process.pid}` });
    });
  });

  test('a socket of another family, netlink, is asked which interfaces there are, made or taken over', async (context) => {
    const { driver } = context;
    const kernel = new Uint8Array(12);
    kernel[0] = AF_NETLINK;
    for (const netlink of [
      PolledSocket.open(driver, AF_NETLINK, { type: 'raw', protocol: NETLINK_ROUTE }),
      new PolledSocket(driver, socket(AF_NETLINK, 'raw', { protocol: NETLINK_ROUTE })),
    ]) {
      const buffer = Buffer.alloc(65_536);
      const receiving = netlink.recvfrom(buffer, { timeout: 5000 });
      await netlink.sendto(linkRequest(), { bytes: kernel });
      const { bytes, address } = await receiving;
      assert.ok(bytes > 0);
      assert.is(buffer.readUInt16LE(4), 16, 'RTM_NEWLINK');
      assert.ok(buffer.includes('lo\0'));
      assert.ok(address !== undefined && 'bytes' in address && address.bytes[0] === AF_NETLINK);
      netlink[Symbol.dispose]();
    }
  });

  test('descriptors are handed to another socket, and what finds no room is closed', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const counter = eventfd(0);
    const before = openDescriptors();
    const receiving = two.recvmsg({ buffers: [Buffer.alloc(8)], maximumFds: 2, timeout: 5000 });
    await one.sendmsg({ buffers: [Buffer.from('take')], fds: [counter] });
    const { bytes, fds } = await receiving;
    assert.equal([bytes, fds.length], [4, 1]);
    const [received = -1] = fds;
    assert.is.not(received, counter);
    write(received, BigUint64Array.of(3n));
    assert.is(openDescriptors(), before + 1);
    close(received);
    await one.sendmsg({ buffers: [Buffer.from('take')], fds: [counter] });
    const { flags } = await two.recvmsg({ buffers: [Buffer.alloc(8)] });
    assert.is(flags & MSG_CTRUNC, MSG_CTRUNC);
    await one.sendmsg({ buffers: [Buffer.from('read')], fds: [counter] });
    assert.is(await text(two), 'read', 'an ordinary read takes the bytes');
    await rejects(one.sendmsg({ buffers: [Buffer.from('x')], fds: [0x7fff_fff0] }), 'EBADF');
    assert.is(openDescriptors(), before);
    close(counter);
    dispose(one, two);
  });
});
