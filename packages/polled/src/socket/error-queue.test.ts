import { MSG_ERRQUEUE } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LIMIT, LOOPBACK, text } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';

// <linux/in.h>
const IPPROTO_IP = 0;
const IP_RECVERR = 11;

/** Buffers for a message, which count how often it was asked for. */
function countedBuffers(): { readonly buffers: Buffer[]; asked: number } {
  const counted = { buffers: [Buffer.alloc(8)], asked: 0 };
  const [buffer] = counted.buffers;
  Object.defineProperty(counted.buffers, 0, {
    get: () => {
      counted.asked += 1;
      return buffer;
    },
  });
  return counted;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

await onEveryBackend('The error queue', (test) => {
  test('who waits for it does not look at it again and again for the sake of unread bytes', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const first = text(client, 2);
    await server.write(Buffer.from('bytes'));
    assert.is(await first, 'by');
    const receiver = PolledSocket.bound(driver, LOOPBACK);
    await server.write(Buffer.from(' and more'));
    const sender = PolledSocket.bound(driver, LOOPBACK);
    await sender.sendto(Buffer.from('datagram'), receiver.localAddress);
    for (const [socket, rest] of [
      [client, 'tes and more'],
      [receiver, 'datagram'],
    ] as const) {
      const controller = new AbortController();
      const counted = countedBuffers();
      const { buffers } = counted;
      const waiting = rejects(
        socket.recvmsg({ buffers, flags: MSG_ERRQUEUE, signal: controller.signal }),
        'AbortError',
      );
      await turns(100);
      assert.ok(counted.asked < 10, `asked for ${counted.asked} times in 100 turns`);
      controller.abort();
      await waiting;
      let read = '';
      while (read.length < rest.length) read += await text(socket);
      assert.is(read, rest);
    }
    dispose(client, server, receiver, sender);
  });

  test('a read behind who waits for it is served once that wait has ended', async ({ driver }) => {
    const [client, server] = await connection(driver);
    await server.write(Buffer.from('bytes'));
    const controller = new AbortController();
    const options = { flags: MSG_ERRQUEUE, signal: controller.signal };
    const waiting = rejects(client.recv(Buffer.alloc(8), options), 'AbortError');
    const reading = text(client);
    await turns(3);
    controller.abort();
    await waiting;
    assert.is(await reading, 'bytes');
    dispose(client, server);
  });

  test('what comes into it is told of beside unread bytes', async ({ driver }) => {
    const gone = PolledSocket.bound(driver, LOOPBACK);
    const { localAddress } = gone;
    await gone.close();
    const socket = PolledSocket.bound(driver, LOOPBACK);
    socket.setOption(IPPROTO_IP, IP_RECVERR, true);
    await socket.sendto(Buffer.from('unread'), socket.localAddress);
    const buffer = Buffer.alloc(16);
    const waiting = socket.recv(buffer, { flags: MSG_ERRQUEUE, ...LIMIT });
    await turns(3);
    await socket.sendto(Buffer.from('refused'), localAddress);
    assert.is(buffer.toString('utf8', 0, await waiting), 'refused');
    dispose(socket);
  });
});
