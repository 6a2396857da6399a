/*
 * A process whose polled objects are all that could keep it alive. Arguments: the name of a backend, and which kind of
 * cases.
 */
import { closeSync, writeFileSync } from 'node:fs';
import { type Driver, InterestSlot, PollEvents, PolledFd, PolledTimer } from '@polyring/core';
import { socketpair } from '@polyring/sys';
import { TemporaryDirectory } from '@polyring/test-support';
import { createBackendDriver } from './grid.test-support.js';
import { PolledPipe } from './pipe/polled-pipe.js';
import { PolledListener } from './socket/polled-listener.js';
import { PolledSocket } from './socket/polled-socket.js';
import { PolledWatch } from './watch/polled-watch.js';

const [backend = '', kind = ''] = process.argv.slice(2);
const LOOPBACK = { address: '127.0.0.1', port: 0 };
const BYTE = Buffer.alloc(1);

/** Does something later, if the process is alive by then. */
function later(body: () => unknown): void {
  setTimeout(body, 20).unref();
}

/** Has an object wait, so that a ring works ahead for it where it can, and then nobody wait for it. */
async function waitInVain(wait: (options: { timeout: number }) => Promise<unknown>): Promise<void> {
  await wait({ timeout: 1 }).catch(() => {});
}

async function connection(driver: Driver): Promise<[PolledSocket, PolledSocket]> {
  const listener = PolledListener.listen(driver, LOOPBACK);
  const client = await PolledSocket.connect(driver, listener.localAddress);
  const server = await listener.accept();
  await listener.close();
  return [client, server];
}

/** A sender, and a receiver to which it is not connected and whose queue is full. */
async function fullReceiver(driver: Driver): Promise<[sender: PolledSocket, receiver: PolledSocket]> {
  const sender = PolledSocket.open(driver, 'unix', { type: 'dgram' });
  const receiver = PolledSocket.bound(driver, { path: '' });
  while ((await sender.sendto(BYTE, receiver.localAddress, { timeout: 1 }).catch(() => 0)) > 0);
  return [sender, receiver];
}

const CASES: Readonly<Record<string, Readonly<Record<string, (driver: Driver) => Promise<void>>>>> = {
  idle: {
    async 'a socket'(driver) {
      const [, server] = await connection(driver);
      await waitInVain((options) => server.read(BYTE, options));
    },
    async 'a socket that many waited for'(driver) {
      const [client, server] = await connection(driver);
      const reads = Array.from({ length: 100 }, () => server.read(BYTE));
      await client.writeAll(Buffer.alloc(reads.length));
      await Promise.all(reads);
      await client.writeAll(BYTE);
    },
    async 'a listener'(driver) {
      const listener = PolledListener.listen(driver, LOOPBACK);
      await waitInVain((options) => listener.accept(options));
    },
    async 'a pipe'(driver) {
      const [reader] = PolledPipe.pair(driver);
      await waitInVain((options) => reader.read(BYTE, options));
    },
    async 'a watch'(driver) {
      const watch = new PolledWatch(driver, '/proc/self');
      await waitInVain((options) => watch.next(options));
    },
    async 'a descriptor that was closed too early'(driver) {
      const [near] = socketpair();
      const descriptor = new PolledFd(driver, near);
      const before = descriptor.readable();
      await new Promise(setImmediate);
      closeSync(near);
      for (const waiting of [descriptor.ready(InterestSlot.Read, PollEvents.PRI), before]) {
        const code = await waiting.catch((error) => error.code);
        if (code !== 'EBADF') throw new Error(`EBADF was expected, not ${code}`);
      }
    },
  },
  unreferenced: {
    async 'a read'(driver) {
      const [, server] = await connection(driver);
      server.unref().read(BYTE);
    },
    async 'a write'(driver) {
      const [client] = await connection(driver);
      client.unref().writeAll(Buffer.alloc(8_000_000));
    },
    async 'a write that was not'(driver) {
      const [client] = await connection(driver);
      client.writeAll(Buffer.alloc(8_000_000));
      await new Promise(setImmediate);
      client.unref();
    },
    async 'an accept'(driver) {
      PolledListener.listen(driver, LOOPBACK).unref().accept();
    },
    async 'a watch'(driver) {
      new PolledWatch(driver, '/proc/self').unref().next();
    },
    async 'sleeps that are over at once'(driver) {
      const timer = new PolledTimer(driver).unref();
      (async () => {
        for (;;) await timer.sleep(0);
      })();
    },
    async 'a datagram'(driver) {
      const [sender, receiver] = await fullReceiver(driver);
      sender.unref().sendto(BYTE, receiver.localAddress);
    },
  },
  'under way': {
    async 'a read'(driver) {
      const [client, server] = await connection(driver);
      later(() => client.write(BYTE));
      await server.read(BYTE);
    },
    async 'a write'(driver) {
      const [client, server] = await connection(driver);
      later(async () => {
        while ((await server.unref().read(Buffer.alloc(65_536))) > 0);
      });
      await client.writeAll(Buffer.alloc(8_000_000));
    },
    async 'an accept'(driver) {
      const listener = PolledListener.listen(driver, LOOPBACK);
      later(() => PolledSocket.connect(driver, listener.localAddress));
      await listener.accept();
    },
    async 'a datagram'(driver) {
      const [sender, receiver] = await fullReceiver(driver);
      later(() => receiver.unref().read(BYTE));
      await sender.sendto(BYTE, receiver.localAddress);
    },
    async 'a read of a pipe'(driver) {
      const [reader, writer] = PolledPipe.pair(driver);
      later(() => closeSync(writer.fd));
      await reader.read(BYTE);
    },
    async 'a watch'(driver) {
      using directory = new TemporaryDirectory();
      const watch = new PolledWatch(driver, directory.path);
      later(() => writeFileSync(directory.at('file'), ''));
      await watch.next();
    },
  },
};

const driver = await createBackendDriver(backend);
for (const [name, run] of Object.entries(CASES[kind] ?? {})) {
  await run(driver);
  console.log(name);
}
