import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { close, pipe2 } from '@polyring/sys';
import { openDescriptors, rejects, TemporaryDirectory, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledPipe } from './polled-pipe.js';

function dispose(...objects: Disposable[]): void {
  for (const object of objects) object[Symbol.dispose]();
}

async function text(pipe: PolledPipe): Promise<string> {
  const buffer = Buffer.alloc(64);
  return buffer.toString('utf8', 0, await pipe.read(buffer));
}

async function withFifo(body: (fifo: string) => Promise<void>): Promise<void> {
  using directory = new TemporaryDirectory();
  execFileSync('mkfifo', [directory.at('fifo')]);
  await body(directory.at('fifo'));
}

await onEveryBackend('PolledPipe', (test) => {
  test('what is written comes out, and then the end', async ({ driver }) => {
    const before = openDescriptors();
    const [reader, writer] = PolledPipe.pair(driver);
    const reading = text(reader);
    assert.is(await writer.write(Buffer.from('through')), 7);
    assert.is(await reading, 'through');
    await writer.writev([Buffer.from('two '), Buffer.from('parts')]);
    const buffers = [Buffer.alloc(3), Buffer.alloc(9)];
    assert.is(await reader.readv(buffers), 9);
    writer[Symbol.dispose]();
    assert.is(await text(reader), '');
    assert.is(await text(reader), '');
    dispose(reader, reader);
    assert.is(openDescriptors(), before);
  });

  test('a writer waits for room, and a reader that has gone is told', async ({ driver }) => {
    const [reader, writer] = PolledPipe.pair(driver);
    const large = Buffer.alloc(1_000_000, 'x');
    const writing = writer.writeAll(large);
    let read = 0;
    while (read < large.length) read += await reader.read(Buffer.alloc(65_536));
    assert.is(await writing, large.length);
    const stuck = writer.writeAll(large);
    reader[Symbol.dispose]();
    await rejects(stuck, 'EPIPE');
    writer[Symbol.dispose]();
  });

  test('a call ends by its signal or its time, and the bytes stay', async ({ driver }) => {
    const [reader, writer] = PolledPipe.pair(driver);
    const controller = new AbortController();
    const reading = reader.read(Buffer.alloc(8), { signal: controller.signal });
    await rejects(reader.read(Buffer.alloc(8), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    controller.abort();
    await rejects(reading, 'AbortError');
    await writer.write(Buffer.from('kept'));
    assert.is(await text(reader), 'kept');
    dispose(reader, writer);
  });

  test('packets keep their borders', async ({ driver }) => {
    const [reader, writer] = PolledPipe.pair(driver, { direct: true });
    for (const packet of ['one', 'two', 'three']) await writer.write(Buffer.from(packet));
    assert.equal([await text(reader), await text(reader), await text(reader)], ['one', 'two', 'three']);
    dispose(reader, writer);
  });

  test('a named pipe is opened at either end, and in both directions', async ({ driver }) => {
    await withFifo(async (fifo) => {
      throws(() => PolledPipe.open(driver, fifo, 'w'), 'ENXIO');
      const reader = PolledPipe.open(driver, fifo);
      const writer = PolledPipe.open(driver, fifo, 'w');
      await writer.write(Buffer.from('by name'));
      assert.is(await text(reader), 'by name');
      await rejects(writer.read(Buffer.alloc(1)), 'EBADF');
      dispose(reader, writer);

      const both = PolledPipe.open(driver, fifo, 'r+');
      const [readHalf, writeHalf] = both.split();
      const buffer = Buffer.alloc(8);
      const reading = readHalf.read(buffer);
      await writeHalf.write(Buffer.from('to self'));
      assert.is(await reading, 7);
      writeHalf[Symbol.dispose]();
      assert.not(both.disposed);
      readHalf[Symbol.dispose]();
      assert.ok(both.disposed);
    });
  });

  test('reading a named pipe waits for the first writer, whether it writes or not', async ({ driver }) => {
    await withFifo(async (fifo) => {
      for (const written of ['by the first', '']) {
        const reader = PolledPipe.open(driver, fifo);
        await rejects(reader.read(Buffer.alloc(8), { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
        await rejects(reader.readv([Buffer.alloc(8)], { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
        assert.is(await reader.read(Buffer.alloc(0)), 0);
        const reading = text(reader);
        const writer = PolledPipe.open(driver, fifo, 'w');
        await writer.writeAll(Buffer.from(written));
        writer[Symbol.dispose]();
        assert.is(await reading, written);
        assert.is(await text(reader), '');
        const other = PolledPipe.open(driver, fifo, 'w');
        const readingOn = text(reader);
        await other.writeAll(Buffer.from('and by another'));
        assert.is(await readingOn, 'and by another');
        dispose(reader, other);
      }
    });
  });

  test('a descriptor is taken over if it can be polled and does not block, and given back', async ({ driver }) => {
    const before = openDescriptors();
    const [readFd, writeFd] = pipe2();
    const writer = new PolledPipe(driver, writeFd);
    await writer.write(Buffer.from('x'));
    assert.is((await writer.intoFd()).fd, writeFd);
    assert.is(readSync(readFd, Buffer.alloc(4)), 1);
    close(readFd);
    close(writeFd);
    const [blocking, other] = pipe2({ nonblock: false });
    throws(() => new PolledPipe(driver, blocking), 'ERR_POLYRING_BLOCKING_FD');
    close(blocking);
    close(other);
    const file = openSync(import.meta.filename ?? new URL(import.meta.url), 'r');
    throws(() => new PolledPipe(driver, file), 'ERR_POLYRING_BLOCKING_FD');
    closeSync(file);
    throws(() => PolledPipe.open(driver, '/proc/self/status'), 'EPERM');
    throws(() => PolledPipe.open(driver, '/no/such/pipe'), 'ENOENT');
    throws(() => PolledPipe.open(driver, 'a\0b'), 'ERR_INVALID_ARG_VALUE');
    throws(() => PolledPipe.open(driver, '/dev/null', 'a' as never), 'ERR_INVALID_ARG_VALUE');
    throws(() => new PolledPipe(driver, 0x7fff_fff0), 'EBADF');
    assert.is(openDescriptors(), before);
  });
});
