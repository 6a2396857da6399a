import { InterestSlot, Pending, PollEvents } from '@polyring/core';
import { close, IPPROTO_TCP, MSG_OOB, SO_RCVBUF, SOL_SOCKET, socketpair, TCP_NODELAY, tryRecv } from '@polyring/sys';
import { openDescriptors, rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, LOOPBACK, text } from './connection.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

await onEveryBackend('PolledSocket', (test) => {
  test('a connection carries bytes both ways, and each side knows the addresses', async ({ driver }) => {
    const [client, server] = await connection(driver);
    assert.equal(client.remoteAddress, server.localAddress);
    assert.equal(client.localAddress, server.remoteAddress);
    assert.is(client.type, 'stream');
    const reading = text(server);
    assert.is(await client.write(Buffer.from('to the server')), 13);
    assert.is(await reading, 'to the server');
    await server.writeAll(Buffer.from('and back'));
    assert.is(await text(client), 'and back');
    dispose(client, server);
  });

  test('IPv6 is spoken where it is there', async ({ driver }) => {
    let listener: PolledListener;
    try {
      listener = PolledListener.listen(driver, { address: '::1', port: 0 });
    } catch (error) {
      // Not every machine has it.
      assert.ok(['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? ''));
      return;
    }
    const client = await PolledSocket.connect(driver, listener.localAddress);
    const { family, address, port } = client.remoteAddress as { family: string; address: string; port: number };
    assert.equal([family, address, port], ['IPv6', '::1', listener.port]);
    dispose(client, listener);
  });

  test('a range of a buffer is read into and written from', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    assert.is(await one.write(Buffer.from('abcdef'), { offset: 1, length: 3 }), 3);
    const buffer = Buffer.from('......');
    assert.is(await two.read(buffer, { offset: 2, length: 2 }), 2);
    assert.is(`${buffer}`, '..bc..');
    assert.is(await two.read(new DataView(buffer.buffer, buffer.byteOffset, 6), { offset: 5 }), 1);
    assert.is(`${buffer}`, '..bc.d');
    dispose(one, two);
  });

  test('a range that the buffer has shrunk below is not moved to where there is room', async ({ driver }) => {
    const [left, right] = await connection(driver);
    // ES2024: @types/node 20 does not know resizable buffers.
    const memory = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 16 }]) as ArrayBuffer & {
      resize(length: number): void;
    };
    const reading = rejects(left.read(new Uint8Array(memory), { offset: 8, length: 8 }), 'ERR_OUT_OF_RANGE');
    memory.resize(8);
    await right.writeAll(Buffer.from('abcd'));
    await reading;
    assert.equal(Buffer.from(memory), Buffer.alloc(8));
    left[Symbol.dispose]();
    right[Symbol.dispose]();
  });

  test('several buffers are read into and written from', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    assert.is(await one.writev([Buffer.from('one'), Buffer.from('two')]), 6);
    const buffers = [Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(9)];
    assert.is(await two.readv(buffers), 6);
    assert.is(Buffer.concat(buffers).toString('utf8', 0, 6), 'onetwo');
    dispose(one, two);
  });

  test('a peek leaves what it saw, and a read of no bytes takes none', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    assert.is(await two.read(Buffer.alloc(0)), 0);
    const peek = two.peek(Buffer.alloc(3));
    await one.write(Buffer.from('seen'));
    assert.is(await peek, 3);
    assert.is(await two.read(Buffer.alloc(0)), 0);
    assert.is(await text(two), 'seen');
    dispose(one, two);
  });

  test('reads are served in the order they were made', async ({ driver }) => {
    const [one, two] = await connection(driver);
    const reads = [text(two, 1), text(two, 2), text(two, 3)];
    await one.write(Buffer.from('abbccc'));
    assert.equal(await Promise.all(reads), ['a', 'bb', 'ccc']);
    dispose(one, two);
  });

  test('a half-close ends one direction only', async ({ driver }) => {
    const [client, server] = await connection(driver);
    await client.write(Buffer.from('last words'));
    client.shutdown('write');
    assert.is(await text(server), 'last words');
    assert.is(await text(server), '');
    assert.is(await text(server), '', 'and again');
    await server.write(Buffer.from('answer'));
    assert.is(await text(client), 'answer');
    await rejects(client.write(Buffer.from('more')), 'EPIPE');
    dispose(client, server);
  });

  test('an end that comes with the last bytes is not waited for', async ({ driver }) => {
    for (let round = 0; round < 50; round += 1) {
      const [one, two] = PolledSocket.pair(driver);
      const reading = text(two);
      await new Promise(setImmediate);
      await one.write(Buffer.from('x'));
      one[Symbol.dispose]();
      assert.is(await reading, 'x');
      assert.is(await text(two), '');
      two[Symbol.dispose]();
    }
  });

  test('the halves end on their own, and the descriptor with the second', async ({ driver }) => {
    const before = openDescriptors();
    const [one, two] = PolledSocket.pair(driver);
    const [reader, writer] = one.split();
    assert.is(one.split()[0], reader);
    await writer.writeAll(Buffer.from('bye'));
    dispose(writer, writer);
    assert.is(await text(two), 'bye');
    assert.is(await text(two), '', 'the end of the writing half is the end of the stream');
    await rejects(writer.write(Buffer.from('x')), 'ERR_POLYRING_DISPOSED');
    await two.write(Buffer.from('still'));
    const buffer = Buffer.alloc(8);
    assert.is(await reader.read(buffer), 5);
    assert.not(one.disposed);
    reader[Symbol.dispose]();
    assert.ok(one.disposed);
    assert.is(openDescriptors(), before + 1);
    two[Symbol.dispose]();
    const [three, four] = PolledSocket.pair(driver);
    three.split()[0][Symbol.dispose]();
    await three.write(Buffer.from('written without a reader'));
    assert.is(await text(four), 'written without a reader');
    dispose(three, four);
    assert.is(openDescriptors(), before);
  });

  test('a write that finds no room waits for the reader, and nothing comes between its parts', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const large = Buffer.alloc(3_000_000, 'a');
    const writes = [one.writeAll(large), one.writeAll(Buffer.from('b'))];
    const buffer = Buffer.alloc(65_536);
    let total = 0;
    let last = 0;
    while (total <= large.length) {
      const bytes = await two.read(buffer);
      total += bytes;
      last = buffer[bytes - 1] ?? 0;
      if (total <= large.length) assert.ok(buffer.subarray(0, bytes).every((each) => each === 97));
    }
    assert.is(last, 98);
    assert.equal(await Promise.all(writes), [large.length, 1]);
    dispose(one, two);
  });

  test('a call ends by its signal or by its time, whichever is first, and takes nothing', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const controller = new AbortController();
    const aborted = two.read(Buffer.alloc(8), { signal: controller.signal, timeout: 10_000 });
    const timed = two.read(Buffer.alloc(8), { signal: controller.signal, timeout: 1 });
    await rejects(timed, 'ERR_POLYRING_TIMEOUT');
    controller.abort(new Error('why'));
    assert.is(((await rejects(aborted, 'AbortError')).cause as Error).message, 'why');
    await rejects(two.read(Buffer.alloc(8), { signal: AbortSignal.abort() }), 'AbortError');
    await rejects(two.read(Buffer.alloc(8), { timeout: 0 }), 'ERR_POLYRING_TIMEOUT');
    await one.write(Buffer.from('all here'));
    assert.is(await text(two), 'all here');
    dispose(one, two);
  });

  test('what is no signal is refused, and ends nothing later', async ({ driver }) => {
    const [first, second] = PolledSocket.pair(driver);
    const unhandled: unknown[] = [];
    const collect = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on('uncaughtException', collect);
    const signal = { aborted: false } as AbortSignal;
    await rejects(first.read(Buffer.alloc(1), { signal, timeout: 1 }), 'ERR_INVALID_ARG_TYPE');
    // Its time would have passed before that of one who was asked later.
    await rejects(first.read(Buffer.alloc(1), { timeout: 2 }), 'ERR_POLYRING_TIMEOUT');
    process.off('uncaughtException', collect);
    assert.equal(unhandled, []);
    dispose(first, second);
  });

  test('an error of a write in parts tells how many bytes went', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const error = await rejects(one.writeAll(Buffer.alloc(3_000_000), { timeout: 5 }), 'ERR_POLYRING_TIMEOUT');
    const { bytesWritten } = error as unknown as { bytesWritten: number };
    assert.ok(bytesWritten > 0 && bytesWritten < 3_000_000);
    one[Symbol.dispose]();
    let read = 0;
    for (let bytes = -1; bytes !== 0; read += bytes) bytes = await two.read(Buffer.alloc(65_536));
    assert.is(read, bytesWritten);
    two[Symbol.dispose]();
  });

  test('what is disposed of refuses every call, ends those that wait, and closes once', async ({ driver }) => {
    const before = openDescriptors();
    const [one, two] = PolledSocket.pair(driver);
    const reading = one.read(Buffer.alloc(1));
    dispose(one, one);
    await rejects(reading, 'ERR_POLYRING_DISPOSED');
    assert.ok(one.disposed);
    for (const call of [
      one.read(Buffer.alloc(1)),
      one.write(Buffer.alloc(1)),
      one.writeAll(Buffer.alloc(1)),
      one.readv([Buffer.alloc(1)]),
      one.writev([Buffer.alloc(1)]),
      one.recv(Buffer.alloc(1)),
      one.send(Buffer.alloc(1)),
      one.peek(Buffer.alloc(1)),
      one.recvfrom(Buffer.alloc(1)),
      one.sendto(Buffer.alloc(1), { path: '/nowhere' }),
      one.recvmsg({ buffers: [] }),
      one.sendmsg({ buffers: [] }),
      one.connect({ path: '/nowhere' }),
      one.pollIo(InterestSlot.Read, PollEvents.IN, () => 1),
    ]) {
      await rejects(call, 'ERR_POLYRING_DISPOSED');
    }
    for (const body of [
      () => one.localAddress,
      () => one.remoteAddress,
      () => one.bind({ path: '' }),
      () => one.shutdown('both'),
      () => one.getOption(SOL_SOCKET, SO_RCVBUF),
      () => one.setNoDelay(),
    ]) {
      throws(body, 'ERR_POLYRING_DISPOSED');
    }
    await rejects(one.intoFd(), 'ERR_POLYRING_DISPOSED');
    two[Symbol.dispose]();
    assert.is(openDescriptors(), before);
  });

  test('closing the driver ends whoever waits, and refuses every call', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    const reading = one.read(Buffer.alloc(1));
    const limited = one.read(Buffer.alloc(1), { timeout: 60_000 });
    await Promise.all([
      driver.close(),
      rejects(reading, 'ERR_POLYRING_CLOSED'),
      rejects(limited, 'ERR_POLYRING_CLOSED'),
    ]);
    await rejects(two.write(Buffer.alloc(1)), 'ERR_POLYRING_CLOSED');
    throws(() => PolledSocket.pair(driver), 'ERR_POLYRING_CLOSED');
    dispose(one, two);
  });

  test('a descriptor is taken over if it does not block, and given back open', async ({ driver }) => {
    const [fd, peer] = socketpair();
    const socket = new PolledSocket(driver, fd);
    assert.is(socket.fd, fd);
    const other = new PolledSocket(driver, peer);
    const reading = socket.read(Buffer.alloc(4));
    const given = socket.intoFd();
    await rejects(reading, 'ERR_POLYRING_DISPOSED');
    assert.equal(await given, { fd, unread: Buffer.alloc(0) });
    assert.ok(socket.disposed);
    await other.write(Buffer.from('kept'));
    assert.is(tryRecv(fd, Buffer.alloc(8)), 4);
    close(fd);
    other[Symbol.dispose]();

    const [blocking, blockingPeer] = socketpair({ nonblock: false });
    throws(() => new PolledSocket(driver, blocking), 'ERR_POLYRING_BLOCKING_FD');
    close(blocking);
    close(blockingPeer);
    throws(() => new PolledSocket(driver, 0x7fff_fff0), 'EBADF');
    throws(() => new PolledSocket(driver, -1), 'ERR_OUT_OF_RANGE');
    throws(() => new PolledSocket(driver, '3' as never), 'ERR_INVALID_ARG_TYPE');
  });

  test('any call that does not block is done when the descriptor is ready', async ({ driver }) => {
    const [client, server] = await connection(driver);
    const urgent = Buffer.alloc(1);
    const reading = server.pollIo(InterestSlot.Read, PollEvents.PRI, () => {
      const bytes = tryRecv(server.fd, urgent, 0, 1, MSG_OOB);
      return bytes < 0 ? Pending : bytes;
    });
    await rejects(
      server.pollIo(InterestSlot.Write, PollEvents.IN, () => 1, { timeout: 1 }),
      'ERR_POLYRING_TIMEOUT',
    );
    await client.send(Buffer.from('!'), { flags: MSG_OOB });
    assert.is(await reading, 1);
    assert.is(`${urgent}`, '!');
    await rejects(
      server.pollIo(InterestSlot.Write, PollEvents.OUT, () => {
        throw new Error('of the call itself');
      }),
      'Error',
    );
    dispose(client, server);
  });

  test('options are set and asked for', async ({ driver }) => {
    const [client, server] = await connection(driver);
    client.setNoDelay();
    assert.is(client.getOption(IPPROTO_TCP, TCP_NODELAY), 1);
    client.setOption(SOL_SOCKET, SO_RCVBUF, 20_000);
    assert.is(client.getOption(SOL_SOCKET, SO_RCVBUF), 40_000);
    client.setKeepAlive(true, { idle: 30, interval: 5, count: 3 });
    assert.is(client.getOption(IPPROTO_TCP, 4), 30);
    assert.is(client.getOptionBytes(SOL_SOCKET, SO_RCVBUF, 4).readInt32LE(), 40_000);
    throws(() => client.getOption(SOL_SOCKET, 9999), 'ENOPROTOOPT');
    dispose(client, server);
  });

  test('addresses and arguments that are none are refused', async ({ driver }) => {
    const before = openDescriptors();
    const connect = (address: unknown, options?: unknown) =>
      PolledSocket.connect(driver, address as never, options as never);
    await rejects(connect({ path: 'with\0null' }), 'ERR_INVALID_ARG_VALUE');
    await rejects(connect({ path: `/${'x'.repeat(108)}` }), 'ERR_OUT_OF_RANGE');
    await rejects(connect({ address: 'localhost', port: 1 }), 'ERR_OUT_OF_RANGE');
    await rejects(connect({ address: '127.0.0.1', port: 65_536 }), 'ERR_OUT_OF_RANGE');
    await rejects(connect(undefined), 'ERR_INVALID_ARG_TYPE');
    await rejects(connect(LOOPBACK, { type: 'rdm' }), 'ERR_INVALID_ARG_VALUE');
    throws(() => PolledListener.listen(driver, { path: 'a\0b' }), 'ERR_INVALID_ARG_VALUE');
    const [one, two] = PolledSocket.pair(driver);
    const bytes = Buffer.alloc(4);
    const wrong: [Promise<unknown>, string][] = [
      [one.read('text' as never), 'ERR_INVALID_ARG_TYPE'],
      [one.read(bytes, { offset: -1 }), 'ERR_OUT_OF_RANGE'],
      [one.read(bytes, { offset: 5 }), 'ERR_OUT_OF_RANGE'],
      [one.read(bytes, { length: 5 }), 'ERR_OUT_OF_RANGE'],
      [one.write(bytes, { offset: 2, length: 3 }), 'ERR_OUT_OF_RANGE'],
      [one.writeAll('text' as never), 'ERR_INVALID_ARG_TYPE'],
      [one.readv(bytes as never), 'ERR_INVALID_ARG_TYPE'],
      [one.writev([bytes, 'x' as never]), 'ERR_INVALID_ARG_TYPE'],
      [one.writev(new Array(1025).fill(bytes)), 'ERR_OUT_OF_RANGE'],
      [one.recv(bytes, { flags: -1 }), 'ERR_OUT_OF_RANGE'],
      [one.read(bytes, { timeout: -1 }), 'ERR_OUT_OF_RANGE'],
      [one.read(bytes, { timeout: '1' as never }), 'ERR_INVALID_ARG_TYPE'],
      [one.read(bytes, { signal: {} as never }), 'ERR_INVALID_ARG_TYPE'],
      [one.read(bytes, 5 as never), 'ERR_INVALID_ARG_TYPE'],
      [one.recvmsg(undefined as never), 'ERR_INVALID_ARG_TYPE'],
      [one.sendto(bytes, { port: 1 } as never), 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [call, code] of wrong) await rejects(call, code);
    for (const gone of [new Uint8Array(4), new DataView(new ArrayBuffer(4))]) {
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      for (const call of [one.read(gone), one.write(gone), one.writeAll(gone), one.recv(gone)]) {
        await rejects(call, 'ERR_POLYRING_DETACHED');
      }
      for (const call of [one.readv([bytes, gone]), one.writev([gone])]) await rejects(call, 'ERR_POLYRING_DETACHED');
    }
    dispose(one, two);
    assert.is(openDescriptors(), before);
  });

  test('the loop turns beside a reader that always finds something', async ({ driver }) => {
    const [one, two] = PolledSocket.pair(driver);
    let turns = 0;
    const immediate = () => {
      turns += 1;
      timer = setImmediate(immediate);
    };
    let timer = setImmediate(immediate);
    const byte = Buffer.alloc(1);
    for (let round = 0; round < 500; round += 1) {
      await one.write(byte);
      await two.read(byte);
    }
    clearImmediate(timer);
    assert.ok(turns >= 5, `the loop turned ${turns} times`);
    dispose(one, two);
  });
});
