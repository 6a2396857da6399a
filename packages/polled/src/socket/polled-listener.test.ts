import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Driver, SystemError } from '@polyring/core';
import {
  bind,
  close,
  encodeSocketAddress,
  getsockopt,
  listen,
  SO_REUSEADDR,
  SOL_SOCKET,
  shutdown,
  socket,
} from '@polyring/sys';
import { onlyReading, openDescriptors, rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };

/** A listener that was asked for a connection already, so that a ring accepts ahead where it can. */
async function listening(driver: Driver): Promise<PolledListener> {
  const listener = PolledListener.listen(driver, LOOPBACK);
  await rejects(listener.accept({ timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
  return listener;
}

await onEveryBackend('PolledListener', (test) => {
  test('a loop takes one connection after the other, and ends with the listener', async ({ driver }) => {
    const before = openDescriptors();
    const listener = PolledListener.listen(driver, LOOPBACK);
    const clients = await Promise.all(
      Array.from({ length: 50 }, () => PolledSocket.connect(driver, listener.localAddress)),
    );
    const servers: PolledSocket[] = [];
    for await (const connection of listener) {
      servers.push(connection);
      if (servers.length === 40) break;
    }
    assert.not(listener.disposed, 'leaving the loop leaves it open');
    for await (const connection of listener) {
      servers.push(connection);
      if (servers.length === 50) listener[Symbol.dispose]();
    }
    const ports = (sockets: PolledSocket[], side: 'localAddress' | 'remoteAddress') =>
      sockets.map((each) => (each[side] as { port: number }).port).sort();
    assert.equal(ports(servers, 'remoteAddress'), ports(clients, 'localAddress'));
    for (const each of [...clients, ...servers]) each[Symbol.dispose]();
    assert.is(openDescriptors(), before);
  });

  test('a connection that ended with the driver is nobody’s to close', async ({ driver }) => {
    const fd = socket('ipv4', 'stream');
    bind(fd, { family: 'IPv4', ...LOOPBACK });
    listen(fd);
    const listener = new PolledListener(driver, fd);
    await rejects(listener.accept({ timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    await PolledSocket.connect(driver, listener.localAddress);
    // Who accepts ahead fails now, and holds that connection.
    shutdown(fd, 'both');
    await rejects(PolledSocket.connect(driver, listener.localAddress), 'ECONNREFUSED');
    await driver.close();
    const others = Array.from({ length: 4 }, () => openSync('/dev/null', 'r'));
    listener[Symbol.dispose]();
    for (const other of others) closeSync(other);
  });

  test('the address of a listener of IP may be bound again, however it is given, unless the options refuse that', async ({
    driver,
  }) => {
    for (const address of [LOOPBACK, { address: '::1', port: 0 }]) {
      for (const input of [address, { bytes: encodeSocketAddress(address) }]) {
        for (const [options, reuses] of [
          [{}, true],
          [{ reuseAddress: undefined }, true],
          [{ reuseAddress: false }, false],
        ] as const) {
          using listener = PolledListener.listen(driver, input, options);
          assert.is(getsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR) !== 0, reuses);
        }
      }
    }
  });

  test('disposal in the middle of a wait ends the loop without an error', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const waiting = listener.accept();
    const loop = (async () => {
      for await (const connection of listener) assert.unreachable(String(connection));
    })();
    listener[Symbol.dispose]();
    listener[Symbol.dispose]();
    await rejects(waiting, 'ERR_POLYRING_DISPOSED');
    await loop;
    await rejects(listener.accept(), 'ERR_POLYRING_DISPOSED');
    throws(() => listener.localAddress, 'ERR_POLYRING_DISPOSED');
  });

  test('an accept ends by its signal or its time, and the connection is left to the next', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const controller = new AbortController();
    const waiting = listener.accept({ signal: controller.signal });
    await rejects(listener.accept({ timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    const client = await PolledSocket.connect(driver, listener.localAddress);
    const [outcome] = await Promise.all([waiting.catch((error) => error), controller.abort()]);
    const server = outcome instanceof PolledSocket ? outcome : await listener.accept();
    assert.equal(server.remoteAddress, client.localAddress);
    for (const each of [client, server, listener]) each[Symbol.dispose]();
  });

  test('an address that is taken, or wrong, is refused and leaves nothing', ({ driver }) => {
    const before = openDescriptors();
    const listener = PolledListener.listen(driver, LOOPBACK);
    const taken = listener.localAddress;
    const inUse = throws(() => PolledListener.listen(driver, taken), 'EADDRINUSE');
    assert.is(inUse.message, `EADDRINUSE: address already in use, bind 127.0.0.1:${listener.port}`);
    assert.is((inUse as SystemError).port, listener.port);
    throws(() => PolledListener.listen(driver, { address: '203.0.113.1', port: 0 }), 'EADDRNOTAVAIL');
    throws(() => PolledListener.listen(driver, LOOPBACK, { type: 'dgram' }), 'ENOTSUP');
    throws(() => PolledListener.listen(driver, LOOPBACK, { backlog: -1 }), 'ERR_OUT_OF_RANGE');
    listener[Symbol.dispose]();
    assert.is(openDescriptors(), before);
    PolledListener.listen(driver, taken)[Symbol.dispose]();
  });

  test('a listening socket is taken over and given back', async ({ driver }) => {
    const fd = socket('ipv4', 'stream');
    listen(fd);
    const listener = new PolledListener(driver, fd);
    const client = await PolledSocket.connect(driver, { address: '127.0.0.1', port: listener.port ?? 0 });
    assert.is((await listener.intoFd()).fd, fd);
    assert.ok(listener.disposed);
    const again = new PolledListener(driver, fd);
    (await again.accept())[Symbol.dispose]();
    again[Symbol.dispose]();
    client[Symbol.dispose]();
    throws(() => close(fd), 'EBADF');
    throws(() => new PolledListener(driver, 0x7fff_fff0), 'EBADF');
  });

  const goesOn = async (...args: string[]): Promise<void> => {
    const script = fileURLToPath(new URL('exhausted.test-support.js', import.meta.url));
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    const [code] = await once(child, 'close');
    assert.is(code, 0, output);
    assert.is(output, 'went on\n');
  };

  test('a server without descriptors turns connections away and goes on', ({ backend }) => goesOn(backend));

  test('so it does where another thread takes the descriptor in reserve', ({ backend }) => goesOn(backend, 'robbed'));

  test('a server needs no path: none is allowed here but the packages', ({ backend }) => {
    const script = `
      import { createBackendDriver } from ${JSON.stringify(import.meta.resolve('../grid.test-support.js'))};
      import { PolledListener } from ${JSON.stringify(import.meta.resolve('./polled-listener.js'))};
      import { PolledSocket } from ${JSON.stringify(import.meta.resolve('./polled-socket.js'))};
      const driver = await createBackendDriver(${JSON.stringify(backend)});
      const listener = PolledListener.listen(driver, ${JSON.stringify(LOOPBACK)});
      const client = await PolledSocket.connect(driver, listener.localAddress);
      const server = await listener.accept();
      for (const each of [client, server, listener]) each[Symbol.dispose]();
      await driver.close();
      console.log('served');
    `;
    const options = [...onlyReading(), '--allow-addons', '--allow-worker', '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    assert.is(stdout, 'served\n', stderr);
  });

  test('connections that come unasked are kept in order, and reset with the listener', async ({ driver }) => {
    const before = openDescriptors();
    const listener = await listening(driver);
    const clients: PolledSocket[] = [];
    while (clients.length < 200) clients.push(await PolledSocket.connect(driver, listener.localAddress));
    for (const client of clients.slice(0, 100)) {
      const server = await listener.accept({ timeout: 20_000 });
      assert.equal(server.remoteAddress, client.localAddress);
      server[Symbol.dispose]();
    }
    const reads = clients.slice(100).map((client) => client.read(Buffer.alloc(1)));
    await listener.close();
    for (const reading of reads) await rejects(reading, 'ECONNRESET');
    await Promise.all(clients.map((client) => client.close()));
    assert.is(openDescriptors(), before);
  });

  test('closing it frees its address, and may be done twice', async ({ driver }) => {
    const listener = await listening(driver);
    const { localAddress } = listener;
    const waiting = listener.accept();
    const ends = [listener.close(), listener.close()];
    await rejects(waiting, 'ERR_POLYRING_DISPOSED');
    await Promise.all(ends);
    await rejects(PolledSocket.connect(driver, localAddress), 'ECONNREFUSED');
    const again = PolledListener.listen(driver, localAddress);
    await again[Symbol.asyncDispose]();
    assert.ok(again.disposed);
  });

  test('connections that nobody had asked for are given back with the socket', async ({ driver }) => {
    const listener = await listening(driver);
    const { localAddress } = listener;
    const clients: PolledSocket[] = [];
    while (clients.length < 3) clients.push(await PolledSocket.connect(driver, localAddress));
    const giving = listener.intoFd();
    await rejects(listener.intoFd(), 'ERR_POLYRING_DISPOSED');
    listener[Symbol.dispose]();
    const { fd, accepted } = await giving;
    const again = new PolledListener(driver, fd);
    const servers = accepted.map((each) => new PolledSocket(driver, each));
    while (servers.length < 3) servers.push(await again.accept({ timeout: 20_000 }));
    assert.equal(
      servers.map((each) => each.remoteAddress),
      clients.map((each) => each.localAddress),
    );
    for (const each of [...clients, ...servers, again]) await each.close();
  });

  test('a connection that nothing can be made of is closed, and the next one is accepted', async ({ driver }) => {
    const listener = await listening(driver);
    const before = openDescriptors();
    const client = await PolledSocket.connect(driver, listener.localAddress);
    const failure = new Error('no socket');
    // A stand-in: what fails here in earnest, such as memory, cannot be had to fail.
    const probe = driver.ioUringProbe;
    driver.ioUringProbe = () => {
      throw failure;
    };
    assert.is(await listener.accept().catch((error: unknown) => error), failure);
    driver.ioUringProbe = probe;
    assert.is(await client.read(Buffer.alloc(1), { timeout: 20_000 }), 0);
    assert.is(openDescriptors(), before + 1);
    const other = await PolledSocket.connect(driver, listener.localAddress);
    const accepted = await listener.accept({ timeout: 20_000 });
    assert.equal(accepted.remoteAddress, other.localAddress);
    for (const each of [client, other, accepted, listener]) await each.close();
  });

  test('a connection that meets the end of its accept goes to the next one', async ({ driver }) => {
    const listener = await listening(driver);
    const outcomes = { taken: 0, left: 0 };
    for (let race = 0; race < 300; race += 1) {
      const controller = new AbortController();
      const accepting = listener.accept({ signal: controller.signal });
      const connecting = PolledSocket.connect(driver, listener.localAddress);
      const abort = () => controller.abort();
      // The first one wins for certain, the last one never, and those between as it happens.
      if (race % 5 === 0) abort();
      else if (race % 5 === 1) process.nextTick(abort);
      else if (race % 5 === 2) setImmediate(abort);
      else if (race % 5 === 3) setImmediate(() => setImmediate(abort));
      else accepting.then(abort, () => {});
      const server = await accepting.then(
        (taken) => {
          outcomes.taken += 1;
          return taken;
        },
        (error) => {
          assert.is(error.name, 'AbortError');
          outcomes.left += 1;
          return listener.accept({ timeout: 20_000 });
        },
      );
      const client = await connecting;
      assert.equal(server.remoteAddress, client.localAddress);
      await Promise.all([client.close(), server.close()]);
    }
    assert.ok(outcomes.taken > 0 && outcomes.left > 0, JSON.stringify(outcomes));
    await listener.close();
  });
});
