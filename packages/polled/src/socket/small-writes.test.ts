// timeout: 120
import { uringBackend } from '@polyring/backend-uring';
import { type Driver, ForwardingDriver, type IoUringResources, nop } from '@polyring/core';
import { accept4, close, getsockname, MSG_NOSIGNAL } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import { test as soleTest } from 'uvu';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LIMIT, listening } from './connection.test-support.js';
import { PolledSocket } from './polled-socket.js';

// Where a ring tells of several completions together, what is written next is likely to have company: such writes are
// handed to the kernel by one call at the end of the tick. Nobody else is to see a difference.

/** Has what is written next come in company, where there is a ring. */
async function company(driver: Driver): Promise<void> {
  if (driver.supports.ioUring) await driver.submitMany(Array.from({ length: 8 }, () => nop()));
}

async function readAll(socket: PolledSocket): Promise<string> {
  const buffer = Buffer.alloc(65_536);
  let all = '';
  for (;;) {
    const bytes = await socket.read(buffer, LIMIT);
    if (bytes === 0) return all;
    all += buffer.toString('latin1', 0, bytes);
  }
}

const ENDS: Readonly<Record<string, (socket: PolledSocket) => unknown>> = {
  'shutdown()': (socket) => socket.shutdown('write'),
  'the disposal of its half': (socket) => socket.split()[1][Symbol.dispose](),
  'its disposal': (socket) => socket[Symbol.dispose](),
  'close()': (socket) => socket.close(),
};

await onEveryBackend('A small write', (test) => {
  for (const [name, end] of Object.entries(ENDS)) {
    test(`arrives though nobody awaited it before ${name}`, async ({ driver }) => {
      const [writer, reader] = await connection(driver);
      await company(driver);
      const written = writer.writeAll(Buffer.from('last words'));
      end(writer);
      assert.is(await readAll(reader), 'last words');
      assert.is(await written, 10);
      dispose(writer, reader);
    });
  }

  for (const [name, end] of Object.entries(ENDS)) {
    test(`arrives before ${name} with those behind it`, async ({ driver }) => {
      const [writer, reader] = await connection(driver);
      await company(driver);
      const writes = [
        writer.write(Buffer.from('one ')),
        writer.writeAll(Buffer.from('two ')),
        writer.writev([Buffer.from('thr'), Buffer.from('ee ')]),
        writer.send(Buffer.from('four')),
      ];
      end(writer);
      assert.is(await readAll(reader), 'one two three four');
      assert.equal(await Promise.all(writes), [4, 4, 6, 4]);
      dispose(writer, reader);
    });
  }

  test('that finds the connection lost takes its error from no read', async ({ driver }) => {
    const listener = listening();
    const client = await PolledSocket.connect(driver, getsockname(listener));
    const peer = accept4(listener);
    // Lost by what the peer has not read.
    await client.write(Buffer.from('unread'));
    // None that a ring does ahead.
    const reading = rejects(client.recv(Buffer.alloc(8), { flags: MSG_NOSIGNAL, ...LIMIT }), 'ECONNRESET');
    await company(driver);
    await new Promise(setImmediate);
    const [queued, writing] = [company(driver), client.write(Buffer.from('more')).catch(() => {})];
    close(peer);
    await Promise.all([queued, reading, writing]);
    assert.is(await client.read(Buffer.alloc(8), LIMIT), 0, 'it is told once');
    await rejects(client.write(Buffer.from('more')), 'EPIPE');
    dispose(client);
    close(listener);
  });

  test('keeps its place among large ones, messages and several buffers', async ({ driver }) => {
    const [writer, reader] = await connection(driver);
    const reading = readAll(reader);
    const large = Buffer.alloc(300_000, 'L');
    const writes: Promise<number>[] = [];
    for (let round = 0; round < 20; round += 1) {
      await company(driver);
      writes.push(
        writer.writeAll(Buffer.from(`<${round}`)),
        writer.writeAll(Buffer.from(' small ')),
        writer.writeAll(large),
        writer.write(Buffer.from('part '), { offset: 1, length: 3 }),
        writer.writev([Buffer.from('two '), Buffer.from('buffers ')]),
        writer.send(Buffer.from('message>')),
      );
      if (round % 3 === 0) await Promise.all(writes);
    }
    const counts = await Promise.all(writes);
    writer.shutdown('write');
    const expected = Array.from(
      { length: 20 },
      (_, round) => `<${round} small ${large.toString('latin1')}arttwo buffers message>`,
    );
    assert.ok((await reading) === expected.join(''), 'the stream is not in order');
    assert.equal(counts.slice(-6), [3, 7, 300_000, 3, 12, 8]);
    dispose(writer, reader);
  });

  test('that finds no room waits, and may be ended by its signal, its time and its socket', async ({ driver }) => {
    const [writer, reader] = PolledSocket.pair(driver);
    const room = await writer.write(Buffer.alloc(4_000_000, 'x'));
    const controller = new AbortController();
    await company(driver);
    const aborted = writer.writeAll(Buffer.from('aborted'), { signal: controller.signal });
    const behind = writer.writeAll(Buffer.from('behind'));
    setImmediate(() => controller.abort());
    await rejects(aborted, { code: 'ABORT_ERR', bytesWritten: 0 });
    const buffer = Buffer.alloc(room);
    for (let left = room; left > 0; ) left -= await reader.read(buffer, LIMIT);
    assert.is(await behind, 6);
    assert.is(await reader.read(buffer, LIMIT), 6);
    const again = await writer.write(Buffer.alloc(4_000_000, 'x'));
    await company(driver);
    await rejects(writer.writeAll(Buffer.from('late'), { timeout: 5 }), {
      code: 'ERR_POLYRING_TIMEOUT',
      bytesWritten: 0,
    });
    await company(driver);
    const disposed = writer.writeAll(Buffer.from('disposed'));
    writer[Symbol.dispose]();
    await rejects(disposed, { code: 'ERR_POLYRING_DISPOSED', bytesWritten: 0 });
    assert.is((await readAll(reader)).length, again);
    dispose(reader);
  });

  test('rejects as send(2) fails, and with a buffer that is not there', async ({ driver }) => {
    const [writer, reader] = PolledSocket.pair(driver);
    await company(driver);
    const gone = Buffer.alloc(10);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await rejects(writer.writeAll(gone), { code: 'ERR_POLYRING_DETACHED' });
    dispose(reader);
    await company(driver);
    await rejects(writer.writeAll(Buffer.from('x')), { code: 'EPIPE', syscall: 'send', bytesWritten: 0 });
    await company(driver);
    await rejects(writer.write(Buffer.from('x')), { code: 'EPIPE', syscall: 'send', fd: writer.fd });
    dispose(writer);
  });

  test('goes as it should where its socket does not keep the process alive', async ({ driver }) => {
    const [writer, reader] = await connection(driver);
    writer.unref();
    await company(driver);
    assert.is(await writer.writeAll(Buffer.from('unref')), 5);
    writer.shutdown('write');
    assert.is(await readAll(reader), 'unref');
    dispose(writer, reader);
  });

  test('that waits when its driver is closed rejects', async ({ driver }) => {
    const [writer, reader] = PolledSocket.pair(driver);
    await writer.write(Buffer.alloc(4_000_000));
    await company(driver);
    const waiting = writer.writeAll(Buffer.from('x'));
    await Promise.all([driver.close(), rejects(waiting, { code: 'ERR_POLYRING_CLOSED', bytesWritten: 0 })]);
    dispose(writer, reader);
  });
});

/** Counts the sends of a ring. */
class Counting extends ForwardingDriver {
  sends = 0;

  override get ioUring(): IoUringResources {
    const resources = super.ioUring;
    return new Proxy(resources, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return key === 'sender' ? this.#sender(resources) : value.bind(target);
      },
    });
  }

  #sender(resources: IoUringResources): IoUringResources['sender'] {
    return (socket, sink) => {
      const sender = resources.sender(socket, sink);
      const send = sender.send.bind(sender);
      sender.send = (...args) => {
        this.sends += 1;
        send(...args);
      };
      return sender;
    };
  }
}

if (uringBackend.availability().available) {
  soleTest('a small write is sent by the ring in company, and by itself alone', async () => {
    const driver = new Counting(uringBackend.create());
    const [writer, reader] = PolledSocket.pair(driver);
    const buffer = Buffer.alloc(10_000);
    await writer.writeAll(Buffer.alloc(10));
    await reader.read(buffer);
    assert.is(driver.sends, 0);
    await company(driver);
    await writer.writeAll(Buffer.alloc(10));
    assert.is(driver.sends, 1);
    await reader.read(buffer);
    await company(driver);
    await writer.writeAll(Buffer.alloc(9000));
    assert.is(driver.sends, 1, 'a large write gains nothing by the ring');
    dispose(writer, reader);
    await driver.close();
  });

  soleTest('a small write that the pool has no room for is sent all the same', async () => {
    const driver = new Counting(uringBackend.create({ poolLimit: 65_536 }));
    driver.allocate(65_536);
    const [writer, reader] = PolledSocket.pair(driver);
    await company(driver);
    assert.is(await writer.writeAll(Buffer.from('poor')), 4);
    assert.is(driver.sends, 1);
    const buffer = Buffer.alloc(10);
    assert.is(buffer.toString('latin1', 0, await reader.read(buffer)), 'poor');
    dispose(writer, reader);
    await driver.close();
  });
}

soleTest.run();
