// timeout: 300
import { uringBackend } from '@polyring/backend-uring';
import { type Driver, isPolyringError } from '@polyring/core';
import { bind, close, getsockname, listen, type SocketAddressInput, socket, tryRecv } from '@polyring/sys';
import { openDescriptors, rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { createBackendDriver, onEveryBackend } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
/** More than any socket here takes at once. */
const LARGE = 8_000_000;

async function tcpPair(driver: Driver): Promise<[PolledSocket, PolledSocket]> {
  const listener = PolledListener.listen(driver, LOOPBACK);
  const [client, server] = await Promise.all([
    PolledSocket.connect(driver, listener.localAddress),
    listener.accept({ timeout: 20_000 }),
  ]);
  await listener.close();
  return [client, server];
}

const PERIOD = 251;
const PATTERN = Buffer.alloc(LARGE + PERIOD);
for (let at = 0; at < PATTERN.length; at += 1) PATTERN[at] = at % PERIOD;

/** Bytes of which each says, more or less, where in a stream it is. */
function counting(length: number, from = 0): Buffer {
  return PATTERN.subarray(from % PERIOD, (from % PERIOD) + length);
}

/** Reads to the end what {@link counting} made. */
async function countToEnd(socket: PolledSocket): Promise<number> {
  const buffer = Buffer.alloc(65_536);
  let total = 0;
  for (;;) {
    const bytes = await socket.read(buffer, { timeout: 20_000 });
    if (bytes === 0) return total;
    assert.ok(buffer.subarray(0, bytes).equals(counting(bytes, total)), `after ${total} bytes`);
    total += bytes;
  }
}

interface Partial extends Error {
  readonly bytesWritten: number;
}

/** A listener of the kernel's whose backlog is full, so that the next to connect waits. */
async function fullListener(driver: Driver): Promise<{ address: SocketAddressInput } & AsyncDisposable> {
  const fd = socket('ipv4', 'stream');
  bind(fd, LOOPBACK);
  listen(fd, 0);
  const address = getsockname(fd) as SocketAddressInput;
  const made = [PolledSocket.open(driver, 'ipv4'), PolledSocket.open(driver, 'ipv4')];
  for (const each of made) await each.connect(address, { timeout: 200 }).catch(() => {});
  return {
    address,
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map((each) => each.close()));
      close(fd);
    },
  };
}

await onEveryBackend('A call that waits to send or to connect', (test) => {
  test('tells exactly how much was sent when it ends, in races with a reader', async ({ driver }) => {
    for (const [writer, reader] of [PolledSocket.pair(driver), await tcpPair(driver)]) {
      const reading = countToEnd(reader);
      const ways = { whole: 0, part: 0 };
      let sent = 0;
      for (let race = 0; race < 200; race += 1) {
        const controller = new AbortController();
        const options = race % 3 === 0 ? { timeout: (race % 5) / 2 } : { signal: controller.signal };
        const length = race % 4 === 0 ? LARGE / 2 : 20_000;
        const writing = writer.writeAll(counting(length, sent), options);
        const abort = () => controller.abort();
        if (race % 3 === 1) setImmediate(abort);
        if (race % 3 === 2) setImmediate(() => setImmediate(abort));
        try {
          sent += await writing;
          ways.whole += 1;
        } catch (error) {
          sent += (error as Partial).bytesWritten;
          ways.part += 1;
        }
      }
      writer.shutdown('write');
      assert.is(await reading, sent);
      assert.ok(ways.whole > 0 && ways.part > 0, JSON.stringify(ways));
      await Promise.all([writer.close(), reader.close()]);
    }
  });

  test('is ended by disposal with the count of what was sent, and leaves no descriptor', async ({ driver }) => {
    const before = openDescriptors();
    for (const [writer, reader] of [PolledSocket.pair(driver), await tcpPair(driver)]) {
      const writing = writer.writeAll(counting(LARGE));
      const behind = writer.writeAll(Buffer.from('x'));
      const closing = writer.close();
      const error = await rejects(writing, 'ERR_POLYRING_DISPOSED');
      assert.is(((await rejects(behind, 'ERR_POLYRING_DISPOSED')) as unknown as Partial).bytesWritten, 0);
      await closing;
      assert.is(await countToEnd(reader), (error as unknown as Partial).bytesWritten);
      await reader.close();
    }
    assert.is(openDescriptors(), before);
  });

  test('reaches no other socket when it is ended, whatever its descriptor means by then', async ({ driver }) => {
    for (const halves of [false, true]) {
      const [writer, reader] = PolledSocket.pair(driver);
      const writing = writer.writeAll(counting(LARGE));
      if (halves) for (const half of writer.split().reverse()) half[Symbol.dispose]();
      else writer[Symbol.dispose]();
      const [other, peer] = PolledSocket.pair(driver);
      await rejects(writing, 'ERR_POLYRING_DISPOSED');
      other.shutdown('write');
      assert.is(await countToEnd(peer), 0);
      for (const each of [reader, other, peer]) await each.close();
    }
  });

  test('goes on when it no longer keeps the process alive, and when it does again', async ({ driver }) => {
    const [writer, reader] = await tcpPair(driver);
    const writing = writer.writeAll(counting(LARGE));
    writer.unref();
    const behind = writer.writeAll(counting(LARGE, LARGE));
    await new Promise(setImmediate);
    writer.ref();
    const reading = countToEnd(reader);
    assert.equal(await Promise.all([writing, behind]), [LARGE, LARGE]);
    writer.shutdown('write');
    assert.is(await reading, 2 * LARGE);
    await Promise.all([writer.close(), reader.close()]);
  });

  test('gives the descriptor back when the kernel has let go of it', async ({ driver }) => {
    const [writer, reader] = await tcpPair(driver);
    const writing = writer.writeAll(counting(LARGE));
    const given = writer.intoFd();
    const { bytesWritten } = (await rejects(writing, 'ERR_POLYRING_DISPOSED')) as unknown as Partial;
    const again = new PolledSocket(driver, (await given).fd);
    const reading = countToEnd(reader);
    await again.writeAll(counting(1000, bytesWritten));
    again.shutdown('write');
    assert.is(await reading, bytesWritten + 1000);
    await Promise.all([again.close(), reader.close()]);
  });

  test('needs no memory of the driver', async ({ backend }) => {
    if (backend !== 'uring') return;
    await using driver = uringBackend.create({ poolLimit: 262_144, poolExhausted: 'wait' });
    const [writer, reader] = PolledSocket.pair(driver);
    assert.throws(() => {
      for (;;) driver.allocate(4096);
    }, isPolyringError);
    const writing = writer.writeAll(counting(LARGE));
    const reading = countToEnd(reader);
    assert.is(await writing, LARGE);
    writer.shutdown('write');
    assert.is(await reading, LARGE);
    await Promise.all([writer.close(), reader.close()]);
  });

  test('is told that the peer has gone', async ({ driver }) => {
    for (const [writer, reader] of [PolledSocket.pair(driver), await tcpPair(driver)]) {
      const writing = writer.writeAll(counting(LARGE));
      await reader.close();
      const { code, syscall } = await writing.then(
        () => assert.unreachable() as never,
        (error: NodeJS.ErrnoException) => error,
      );
      assert.ok(code === 'EPIPE' || code === 'ECONNRESET', code);
      assert.is(syscall, 'send');
      await writer.close();
    }
  });

  test('ends with its driver, and tells how much was sent', async ({ driver }) => {
    const [writer, reader] = PolledSocket.pair(driver);
    const writing = writer.writeAll(counting(LARGE));
    await new Promise(setImmediate);
    // Room for a part of what waits.
    tryRecv(reader.fd, Buffer.alloc(65_536));
    const closing = driver.close();
    const { bytesWritten } = (await rejects(writing, 'ERR_POLYRING_CLOSED')) as unknown as Partial;
    await closing;
    let received = 65_536;
    for (let bytes = 0; bytes >= 0; received += Math.max(bytes, 0)) bytes = tryRecv(reader.fd, Buffer.alloc(65_536));
    assert.is(received, bytesWritten);
    await Promise.all([writer.close(), reader.close()]);
  });

  test('is ended by what comes first, where the driver is closed in the same tick', async ({ backend }) => {
    for (const [code, isEnding] of [
      ['ABORT_ERR', true],
      ['ERR_POLYRING_DISPOSED', true],
      ['ABORT_ERR', false],
      ['ERR_POLYRING_DISPOSED', false],
    ] as const) {
      const driver = await createBackendDriver(backend);
      const [socket, peer] = PolledSocket.pair(driver);
      const controller = new AbortController();
      const { signal } = controller;
      const expected = isEnding ? code : 'ERR_POLYRING_CLOSED';
      const ends = [
        socket.writeAll(PATTERN, { signal }),
        socket.write(PATTERN, { signal }),
        socket.read(Buffer.alloc(1), { signal }),
      ].map((call) => rejects(call, expected));
      await new Promise(setImmediate);
      let closing = isEnding ? undefined : driver.close();
      if (code === 'ABORT_ERR') controller.abort();
      else socket[Symbol.dispose]();
      closing ??= driver.close();
      await Promise.all([...ends, closing]);
      for (const each of [socket, peer]) each[Symbol.dispose]();
    }
  });

  test('is ended by its signal or its time where nobody answers, and the socket is closed', async ({ driver }) => {
    const before = openDescriptors();
    {
      await using full = await fullListener(driver);
      const during = openDescriptors();
      await rejects(PolledSocket.connect(driver, full.address, { timeout: 5 }), 'ERR_POLYRING_TIMEOUT');
      const controller = new AbortController();
      const connecting = PolledSocket.connect(driver, full.address, { signal: controller.signal, timeout: 20_000 });
      setImmediate(() => controller.abort());
      await rejects(connecting, 'AbortError');
      await new Promise(setImmediate);
      assert.is(openDescriptors(), during);
    }
    assert.is(openDescriptors(), before);
  });

  test('connects or does not in a race with its end, and leaves nothing', async ({ driver }) => {
    const listener = PolledListener.listen(driver, LOOPBACK);
    const serving = (async () => {
      for await (const connection of listener) connection[Symbol.dispose]();
    })();
    const outcomes = { made: 0, ended: 0 };
    for (let race = 0; race < 200; race += 1) {
      const controller = new AbortController();
      const connecting = PolledSocket.connect(driver, listener.localAddress, { signal: controller.signal });
      const abort = () => controller.abort();
      if (race % 4 === 0) abort();
      if (race % 4 === 1) process.nextTick(abort);
      if (race % 4 === 2) setImmediate(abort);
      try {
        await (await connecting).close();
        outcomes.made += 1;
      } catch (error) {
        assert.is((error as Error).name, 'AbortError');
        outcomes.ended += 1;
      }
    }
    assert.ok(outcomes.made > 0 && outcomes.ended > 0, JSON.stringify(outcomes));
    await listener.close();
    await serving;
  });
});
