/*
 * One side of ten thousand connections, in a process of its own that is steered by messages.
 * Arguments: server or client, the name of a backend, how many connections, and for a client the port.
 */
import * as assert from 'node:assert/strict';
import { once } from 'node:events';
import { openDescriptors } from '@polyring/test-support';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const [role, backend = '', count = '', port = ''] = process.argv.slice(2);
const connections = Number(count);
/** How many of them talk, and how often. */
const TALKING = connections / 10;
const ROUNDS = 5;
/** Connects under way at a time: fewer than wait in the listener's backlog. */
const CONNECTING = 200;

const driver = await createBackendDriver(backend);
await (role === 'server' ? serve() : call());
await driver.close();
process.disconnect?.();

function say(message: object): void {
  process.send?.(message);
}

async function serve(): Promise<void> {
  const before = openDescriptors();
  const listener = PolledListener.listen(driver, { address: '0.0.0.0', port: 0 });
  say({ port: listener.port });
  const sockets: PolledSocket[] = [];
  const echoes: Promise<void>[] = [];
  for await (const socket of listener) {
    sockets.push(socket);
    echoes.push(echo(socket));
    if (sockets.length === connections) break;
  }
  const drop = once(process, 'message');
  say({ open: openDescriptors() - before });
  await drop;
  listener[Symbol.dispose]();
  await Promise.all(sockets.map((socket) => socket.close()));
  await Promise.all(echoes);
  say({ left: openDescriptors() - before });
}

async function echo(socket: PolledSocket): Promise<void> {
  const buffer = Buffer.alloc(64);
  try {
    for (;;) {
      const bytes = await socket.read(buffer);
      if (bytes === 0) return;
      await socket.writeAll(buffer, { length: bytes });
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ERR_POLYRING_DISPOSED');
  }
}

async function call(): Promise<void> {
  const before = openDescriptors();
  const sockets: PolledSocket[] = [];
  while (sockets.length < connections) {
    const batch = Array.from({ length: Math.min(CONNECTING, connections - sockets.length) }, (_, at) => {
      // Several addresses, so that ports are not short.
      const host = `127.0.0.${1 + ((sockets.length + at) % 4)}`;
      return PolledSocket.connect(driver, { address: host, port: Number(port) });
    });
    sockets.push(...(await Promise.all(batch)));
  }
  const stride = Math.floor(sockets.length / TALKING);
  await Promise.all(sockets.filter((_, at) => at % stride === 0).map(talk));
  const ends = sockets.map((socket) => socket.read(Buffer.alloc(1)));
  say({ talked: TALKING * ROUNDS });
  const bytes = await Promise.all(ends);
  assert.ok(bytes.every((each) => each === 0));
  await Promise.all(sockets.map((socket) => socket.close()));
  say({ left: openDescriptors() - before });
}

async function talk(socket: PolledSocket, number: number): Promise<void> {
  const buffer = Buffer.alloc(64);
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = `connection ${number}, round ${round}`;
    await socket.writeAll(Buffer.from(text));
    const bytes = await socket.read(buffer);
    assert.equal(buffer.toString('utf8', 0, bytes), text);
  }
}
