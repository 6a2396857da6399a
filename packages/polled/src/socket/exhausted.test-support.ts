/*
 * A process without a free descriptor, whose server goes on. Its argument is the name of a backend.
 */
import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createBackendDriver } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const driver = await createBackendDriver(process.argv[2] ?? '');
const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
assert.equal(limited.status, 0, String(limited.stderr ?? limited.error));
const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });

const address = listener.localAddress;
const accepting = listener.accept();
const late = [PolledSocket.open(driver, 'ipv4'), PolledSocket.open(driver, 'ipv4')];
const hoard: number[] = [];
try {
  for (;;) hoard.push(openSync('/dev/null', 'r'));
} catch (error) {
  assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
}
for (const client of late) {
  await client.connect(address);
  await client.read(Buffer.alloc(1)).then(
    (bytes) => assert.equal(bytes, 0),
    (error) => assert.equal(error.code, 'ECONNRESET'),
  );
}
assert.equal(listener.turnedAway, 2);
for (const fd of hoard) closeSync(fd);

const client = await PolledSocket.connect(driver, address);
const accepted = await accepting;
await accepted.writeAll(Buffer.from('welcome'));
assert.equal(await client.read(Buffer.alloc(16)), 7);
for (const each of [...late, client, accepted, listener]) each[Symbol.dispose]();
await driver.close();
console.log('turned away and went on');
