import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { close, listen, socket } from '@polyring/sys';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { openDescriptors, rejects, throws } from '../rejection.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };

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
    throws(() => PolledListener.listen(driver, taken), 'EADDRINUSE');
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

  test('a server without descriptors turns connections away and goes on', async ({ backend }) => {
    const script = fileURLToPath(new URL('exhausted.test-support.js', import.meta.url));
    const child = spawn(process.execPath, [script, backend], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    const [code] = await once(child, 'close');
    assert.is(code, 0, output);
    assert.is(output, 'turned away and went on\n');
  });
});
