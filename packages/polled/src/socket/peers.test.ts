import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import type { Driver } from '@polyring/core';
import { TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { startPeer, testWith } from '../peer-tools.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const LIMIT = { timeout: 20_000 };

/** Everything until the end of the stream. */
async function whole(socket: PolledSocket): Promise<string> {
  const chunks: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(65_536);
    const bytes = await socket.read(buffer, LIMIT);
    if (bytes === 0) return Buffer.concat(chunks).toString();
    chunks.push(buffer.subarray(0, bytes));
  }
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  using directory = new TemporaryDirectory();
  await body(directory.path);
}

/** Waits until somebody has made a file in a folder. */
async function appears(file: string): Promise<void> {
  const watcher = watch(path.dirname(file));
  try {
    const event = new Promise<void>((resolve) =>
      watcher.on('change', () => {
        if (existsSync(file)) resolve();
      }),
    );
    if (!existsSync(file)) await event;
  } finally {
    watcher.close();
  }
}

/** A port that nobody has. */
function freePort(driver: Driver): number {
  const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
  const { port } = listener;
  listener[Symbol.dispose]();
  return port ?? 0;
}

/** Connects as soon as the other process listens. */
async function connectLater(driver: Driver, port: number): Promise<PolledSocket> {
  const end = Date.now() + LIMIT.timeout;
  for (;;) {
    try {
      return await PolledSocket.connect(driver, { address: '127.0.0.1', port }, LIMIT);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || Date.now() > end) throw error;
    }
    await new Promise(setImmediate);
  }
}

/** What Node.js answers with, once it was told the end. */
const SHOUT = `
  const socket = require('node:net').connect({ host: '127.0.0.1', port: Number(process.argv[1]) });
  process.stdin.pipe(socket, { end: false });
  socket.on('data', (chunk) => socket.write(String(chunk).toUpperCase()));
  socket.on('end', () => console.log('end'));
`;

await onEveryBackend('PolledSocket and other programs', (test) => {
  test('another Node.js connects by TCP, is answered and told the end', async ({ driver }) => {
    const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const peer = startPeer(process.execPath, ['-e', SHOUT, String(listener.port)], 'question');
    const connection = await listener.accept(LIMIT);
    const buffer = Buffer.alloc(64);
    assert.is(await connection.read(buffer, LIMIT), 8);
    await connection.writeAll(buffer, { ...LIMIT, length: 8 });
    assert.is(await connection.read(buffer, LIMIT), 8);
    assert.is(buffer.toString('utf8', 0, 8), 'QUESTION');
    connection[Symbol.dispose]();
    assert.is(await peer.output, 'end\n');
    listener[Symbol.dispose]();
  });

  testWith(test, 'nc', 'nc connects by TCP, is answered and told the end', async ({ driver }) => {
    const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const peer = startPeer('nc', ['-N', '127.0.0.1', String(listener.port)], 'question\n');
    const connection = await listener.accept(LIMIT);
    assert.is(await whole(connection), 'question\n');
    await connection.writeAll(Buffer.from('answer\n'), LIMIT);
    connection[Symbol.dispose]();
    assert.is(await peer.output, 'answer\n');
    listener[Symbol.dispose]();
  });

  testWith(test, 'nc', 'nc listens by TCP, and gets megabytes in order', async ({ driver }) => {
    const port = freePort(driver);
    const peer = startPeer('nc', ['-l', '127.0.0.1', String(port)], 'welcome\n');
    const socket = await connectLater(driver, port);
    const lines = Array.from({ length: 200_000 }, (_, at) => `line ${at}\n`).join('');
    const buffer = Buffer.alloc(16);
    assert.is(await socket.read(buffer, LIMIT), 8);
    await socket.writeAll(Buffer.from(lines), LIMIT);
    socket[Symbol.dispose]();
    assert.ok((await peer.output) === lines);
  });

  testWith(test, 'nc', 'nc sends a datagram by UDP, and is answered', async ({ driver }) => {
    const server = PolledSocket.bound(driver, { address: '127.0.0.1', port: 0 });
    const { port } = server.localAddress as { port: number };
    const peer = startPeer('nc', ['-u', '127.0.0.1', String(port)]);
    peer.process.stdin.write('ping');
    const buffer = Buffer.alloc(64);
    const { bytes, address } = await server.recvfrom(buffer, LIMIT);
    assert.is(buffer.toString('utf8', 0, bytes), 'ping');
    const said = new Promise((resolve) => peer.process.stdout.once('data', resolve));
    await server.sendto(Buffer.from('pong'), address!, LIMIT);
    assert.is(await said, 'pong');
    peer.process.kill();
    await peer.output;
    server[Symbol.dispose]();
  });

  testWith(test, 'socat', 'socat speaks TCP over IPv4 with an echo of its own', async ({ driver }) => {
    const port = freePort(driver);
    const peer = startPeer('socat', [`TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr`, 'EXEC:cat']);
    const socket = await connectLater(driver, port);
    await socket.writeAll(Buffer.from('around'), LIMIT);
    socket.shutdown('write');
    assert.is(await whole(socket), 'around');
    socket[Symbol.dispose]();
    await peer.output;
  });

  testWith(test, 'socat', 'socat answers datagrams by UDP', async ({ driver }) => {
    const server = PolledSocket.bound(driver, { address: '127.0.0.1', port: 0 });
    const { port } = server.localAddress as { port: number };
    const peer = startPeer('socat', ['-t', '20', '-', `UDP:127.0.0.1:${port}`]);
    peer.process.stdin.write('one');
    const { address } = await server.recvfrom(Buffer.alloc(8), LIMIT);
    const said = new Promise((resolve) => peer.process.stdout.once('data', resolve));
    await server.sendto(Buffer.from('two'), address!, LIMIT);
    assert.is(await said, 'two');
    peer.process.kill();
    await peer.output;
    server[Symbol.dispose]();
  });

  testWith(test, 'socat', 'socat and a unix datagram socket talk to each other', async ({ driver }) => {
    await withFolder(async (folder) => {
      const ours = path.join(folder, 'ours');
      const theirs = path.join(folder, 'theirs');
      const server = PolledSocket.bound(driver, { path: ours });
      const peer = startPeer('socat', ['-t', '20', '-', `UNIX-SENDTO:${ours},bind=${theirs}`]);
      await appears(theirs);
      peer.process.stdin.write('by path');
      const buffer = Buffer.alloc(64);
      const { bytes, address } = await server.recvfrom(buffer, LIMIT);
      assert.equal([buffer.toString('utf8', 0, bytes), address], ['by path', { path: theirs }]);
      const said = new Promise((resolve) => peer.process.stdout.once('data', resolve));
      await server.sendto(Buffer.from('and back'), { path: theirs }, LIMIT);
      assert.is(await said, 'and back');
      peer.process.kill();
      await peer.output;
      server[Symbol.dispose]();
    });
  });

  testWith(test, 'socat', 'socat speaks packets over an abstract name', async ({ driver }) => {
    const name = `polyring-peer-${process.pid}`;
    const listener = PolledListener.listen(driver, { path: `\0${name}` }, { type: 'seqpacket' });
    const peer = startPeer('socat', ['-t', '20', '-', `ABSTRACT-CONNECT:${name},type=5`]);
    const connection = await listener.accept(LIMIT);
    peer.process.stdin.write('packet');
    const buffer = Buffer.alloc(64);
    assert.is(await connection.read(buffer, LIMIT), 6);
    await connection.writeAll(Buffer.from('packet back'), LIMIT);
    connection[Symbol.dispose]();
    peer.process.stdin.end();
    assert.is(await peer.output, 'packet back');
    listener[Symbol.dispose]();
  });
});
