import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { openDescriptors, rejects } from '../rejection.test-support.js';
import { dispose, LOOPBACK, text } from './connection.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

await onEveryBackend('connect', (test) => {
  test('a dead port, a dead path and a timeout end a connect, and leave nothing', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const address = listener.localAddress;
    listener[Symbol.dispose]();
    const before = openDescriptors();
    const error = await rejects(PolledSocket.connect(driver, address), 'ECONNREFUSED');
    assert.is(error.syscall, 'connect');
    await rejects(PolledSocket.connect(driver, { path: '/no/such/socket' }), 'ENOENT');
    await rejects(PolledSocket.connect(driver, address, { signal: AbortSignal.abort() }), 'AbortError');
    assert.is(openDescriptors(), before);
  });

  test('a socket whose connect was refused connects again, and once only', async ({ driver }) => {
    const gone = PolledListener.listen(driver, LOOPBACK);
    const { localAddress } = gone;
    await gone.close();
    const client = PolledSocket.open(driver, 'ipv4');
    for (let time = 0; time < 2; time += 1) await rejects(client.connect(localAddress), 'ECONNREFUSED');
    const listener = PolledListener.listen(driver, localAddress);
    await client.connect(localAddress);
    await rejects(client.connect(localAddress), 'EISCONN');
    const server = await listener.accept();
    await client.writeAll(Buffer.from('hello'));
    assert.is(await text(server), 'hello');
    dispose(client, server, listener);
  });
});
