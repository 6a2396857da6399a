/*
 * A process without a free descriptor, whose server goes on. Its argument is the name of a backend; with `robbed` behind
 * it somebody else takes the descriptor that the server keeps in reserve, at the moment when it is given up.
 */
import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const [backend = '', robbed] = process.argv.slice(2);
const driver = await createBackendDriver(backend);
const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
assert.equal(limited.status, 0, String(limited.stderr ?? limited.error));
const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });

const address = listener.localAddress;
const connections = listener[Symbol.asyncIterator]();
const accepting = connections.next();
const late = [PolledSocket.open(driver, 'ipv4'), PolledSocket.open(driver, 'ipv4')];
const hoard: number[] = [];
try {
  for (;;) hoard.push(openSync('/dev/null', 'r'));
} catch (error) {
  assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
}
if (robbed === undefined) {
  for (const client of late) {
    await client.connect(address);
    await client.read(Buffer.alloc(1)).then(
      (bytes) => assert.equal(bytes, 0),
      (error) => assert.equal(error.code, 'ECONNRESET'),
    );
  }
  assert.equal(listener.turnedAway, 2);
} else {
  const { native } = await import(new URL('addon/binding.js', import.meta.resolve('@polyring/sys')).href);
  const { close } = native;
  const gaveUp = new Promise<void>((resolve) => {
    native.close = (fd: number) => {
      const result = close(fd);
      hoard.push(openSync('/dev/null', 'r'));
      resolve();
      return result;
    };
  });
  for (const client of late) await client.connect(address);
  await gaveUp;
  native.close = close;
}
for (const fd of hoard) closeSync(fd);

const clients = [...late];
if (robbed === undefined) clients.splice(0, 2, await PolledSocket.connect(driver, address));
const accepted = [(await accepting).value as PolledSocket];
while (accepted.length < clients.length) accepted.push((await connections.next()).value as PolledSocket);
for (const each of accepted) await each.writeAll(Buffer.from('welcome'));
for (const each of clients) assert.equal(await each.read(Buffer.alloc(16)), 7);
for (const each of [...late, ...clients, ...accepted, listener]) each[Symbol.dispose]();
await driver.close();
console.log('went on');
