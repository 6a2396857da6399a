import { execFileSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { eventfd } from '@polyring/sys';
import { openDescriptors, rejects, TemporaryDirectory, thrownBy, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

/** `O_PATH` of `<fcntl.h>`, which `node:fs` does not name. */
const O_PATH = 0o10000000;

const NODE_FORM = ['code', 'errno', 'syscall', 'path'] as const;

await onEveryBackend('PolledFile and bad input', (test) => {
  test('opening fails as in node:fs', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), '');
    const failures: [code: string, path: string, flags: string | number][] = [
      ['ENOENT', directory.at('none'), 'r'],
      ['ENOTDIR', directory.at('file', 'below'), 'r'],
      ['EISDIR', directory.path, 'w'],
      ['EEXIST', directory.at('file'), 'wx'],
      ['ENAMETOOLONG', directory.at('n'.repeat(300)), 'r'],
      ['ENAMETOOLONG', `/${'n/'.repeat(3000)}`, 'r'],
      ['ENOENT', '', 'r'],
      ['ENXIO', fifoIn(directory), constants.O_WRONLY | constants.O_NONBLOCK],
    ];
    for (const [code, path, flags] of failures) {
      const error = await rejects(PolledFile.open(driver, path, flags), code);
      const expected = thrownBy(() => openSync(path, flags));
      for (const name of NODE_FORM) assert.is(error[name], expected[name], `${name} of ${error}`);
      assert.is(error.message, expected.message);
    }
  });

  test('arguments of the wrong kind are refused before anything is done', async ({ driver }) => {
    const refusals: [code: string, path: unknown, flags?: unknown, mode?: unknown, options?: unknown][] = [
      ['ERR_INVALID_ARG_VALUE', 'a\0b'],
      ['ERR_INVALID_ARG_VALUE', Buffer.from('a\0b')],
      ['ERR_INVALID_ARG_TYPE', 7],
      ['ERR_INVALID_ARG_TYPE', undefined],
      ['ERR_INVALID_ARG_VALUE', '/', 'read'],
      ['ERR_INVALID_ARG_TYPE', '/', {}],
      ['ERR_OUT_OF_RANGE', '/', -1],
      ['ERR_INVALID_ARG_VALUE', '/', 'r', '8'],
      ['ERR_OUT_OF_RANGE', '/', 'r', 1.5],
      ['ERR_INVALID_ARG_TYPE', '/', 'r', 0, 7],
      ['ERR_INVALID_ARG_TYPE', '/', 'r', 0, { signal: 7 }],
      ['ERR_INVALID_ARG_TYPE', '/', 'r', 0, { signal: { aborted: false } }],
      ['ERR_OUT_OF_RANGE', '/', 'r', 0, { timeout: -1 }],
    ];
    for (const [code, path, flags, mode, options] of refusals) {
      await rejects(PolledFile.open(driver, path as never, flags as never, mode as never, options as never), code);
    }
  });

  test('transfers fail with the same errors everywhere', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), 'content');
    const reading = await PolledFile.open(driver, directory.at('file'));
    const writing = await PolledFile.open(driver, directory.at('file'), constants.O_WRONLY);
    const folder = await PolledFile.open(driver, directory.path);
    const some = Buffer.alloc(4);
    const failures: [call: () => Promise<unknown>, code: string, syscall: string, errno: number][] = [
      [() => writing.read(some, 0), 'EBADF', 'read', -9],
      [() => writing.readv([some], 0), 'EBADF', 'readv', -9],
      [() => reading.write(some, 0), 'EBADF', 'write', -9],
      [() => reading.writev([some], 0), 'EBADF', 'writev', -9],
      [() => reading.truncate(), 'EINVAL', 'ftruncate', -22],
      [() => reading.fallocate(0, 1), 'EBADF', 'fallocate', -9],
      [() => folder.read(some, 0), 'EISDIR', 'read', -21],
      [() => writing.write(some, Number.MAX_SAFE_INTEGER), 'EFBIG', 'write', -27],
      [() => reading.copyTo(writing, { position: Number.MAX_SAFE_INTEGER, chunkSize: 1 }), 'EFBIG', 'write', -27],
    ];
    for (const [call, code, syscall, errno] of failures) {
      const error = await rejects(call(), code);
      assert.is(error.syscall, syscall);
      assert.is(error.errno, errno);
    }
    assert.is(readFileSync(directory.at('file'), 'utf8'), 'content');
    for (const file of [reading, writing, folder]) await file.close();
  });

  test('buffers, positions and lengths that cannot be are refused', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w+');
    const some = Buffer.alloc(4);
    const gone = new Uint8Array(4);
    structuredClone(gone, { transfer: [gone.buffer] });
    const goneToo = new DataView(new ArrayBuffer(4));
    structuredClone(goneToo, { transfer: [goneToo.buffer] });
    const refusals: [call: () => Promise<unknown>, code: string][] = [
      [() => file.read('text' as never, 0), 'ERR_INVALID_ARG_TYPE'],
      [() => file.write(undefined as never, 0), 'ERR_INVALID_ARG_TYPE'],
      [() => file.readv(some as never, 0), 'ERR_INVALID_ARG_TYPE'],
      [() => file.writev([some, 7 as never], 0), 'ERR_INVALID_ARG_TYPE'],
      [() => file.readv([], 0), 'ERR_OUT_OF_RANGE'],
      [() => file.writev(Array(1025).fill(some), 0), 'ERR_OUT_OF_RANGE'],
      [() => file.read(some, -1), 'ERR_OUT_OF_RANGE'],
      [() => file.read(some, 1.5), 'ERR_OUT_OF_RANGE'],
      [() => file.write(some, '0' as never), 'ERR_INVALID_ARG_TYPE'],
      [() => file.write(some, 2 ** 53), 'ERR_OUT_OF_RANGE'],
      [() => file.read(some, 0, { offset: 5 }), 'ERR_OUT_OF_RANGE'],
      [() => file.read(some, 0, { offset: -1 }), 'ERR_OUT_OF_RANGE'],
      [() => file.write(some, 0, { offset: 2, length: 3 }), 'ERR_OUT_OF_RANGE'],
      [() => file.write(some, 0, { length: -1 }), 'ERR_OUT_OF_RANGE'],
      [() => file.append(some, { length: 5 }), 'ERR_OUT_OF_RANGE'],
      [() => file.read(gone, 0), 'ERR_POLYRING_DETACHED'],
      [() => file.write(gone, 0), 'ERR_POLYRING_DETACHED'],
      [() => file.readv([gone], 0), 'ERR_POLYRING_DETACHED'],
      [() => file.read(goneToo, 0), 'ERR_POLYRING_DETACHED'],
      [() => file.writeAll(goneToo, 0), 'ERR_POLYRING_DETACHED'],
      [() => file.append(goneToo), 'ERR_POLYRING_DETACHED'],
      [() => file.writeAll(undefined as never, 0), 'ERR_INVALID_ARG_TYPE'],
      [() => file.append(undefined as never), 'ERR_INVALID_ARG_TYPE'],
      [() => file.append('text' as never), 'ERR_INVALID_ARG_TYPE'],
      [() => file.truncate(-1), 'ERR_OUT_OF_RANGE'],
      [() => file.fallocate(0, 0), 'ERR_OUT_OF_RANGE'],
      [() => file.fallocate(-1, 1), 'ERR_OUT_OF_RANGE'],
      [() => file.readAll({ start: 2, end: 1 }), 'ERR_OUT_OF_RANGE'],
      [() => file.copyTo({} as never), 'ERR_INVALID_ARG_TYPE'],
      [() => file.copyTo(file, { inFlight: 0 }), 'ERR_OUT_OF_RANGE'],
      [() => file.read(some, 0, { signal: AbortSignal.abort() }), 'AbortError'],
      [() => file.stat({ signal: AbortSignal.abort() }), 'AbortError'],
      [() => file.read(some, 0, 7 as never), 'ERR_INVALID_ARG_TYPE'],
      [() => file.read(some, 0, { signal: {} as never }), 'ERR_INVALID_ARG_TYPE'],
      [() => file.read(some, 0, { signal: { aborted: false } as never }), 'ERR_INVALID_ARG_TYPE'],
      [() => file.append(some, { signal: { aborted: false } as never }), 'ERR_INVALID_ARG_TYPE'],
      [() => file.read(some, 0, { timeout: '1' as never }), 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [index, [call, code]] of refusals.entries()) {
      await rejects(call(), code).catch((error) => assert.unreachable(`${index}: ${error}`));
    }
    throws(() => file.chunks({ chunkSize: 0 }), 'ERR_OUT_OF_RANGE');
    throws(() => file.chunks({ readAhead: -1 }), 'ERR_OUT_OF_RANGE');
    throws(() => file.readableRange({ start: -1 }), 'ERR_OUT_OF_RANGE');
    throws(() => file.writableAt(-1), 'ERR_OUT_OF_RANGE');
    assert.is((await file.stat()).size, 0);
  });

  test('what was opened with O_PATH, a link itself too, is known of and neither read nor written', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    symlinkSync('/etc/passwd', directory.at('link'));
    for (const path of [directory.at('link'), fifoIn(directory)]) {
      await using file = await PolledFile.open(driver, path, O_PATH | constants.O_NOFOLLOW);
      const stats = await file.stat();
      assert.is(stats.isSymbolicLink(), path === directory.at('link'));
      assert.is(stats.isFIFO(), path !== directory.at('link'));
      await rejects(file.read(Buffer.alloc(4)), 'EBADF');
      await rejects(file.write(Buffer.alloc(4)), 'EBADF');
    }
  });

  test('the bounds of a view are the true ones, whatever its class says', async ({ driver }) => {
    class Longer extends Uint8Array {
      override get byteLength(): number {
        return 100;
      }
      override get length(): number {
        return 100;
      }
    }
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w+');
    const view = new Longer(new Uint8Array(4).fill(0x78).buffer);
    assert.is(await file.write(view, 0), 4);
    assert.is(await file.writev([view, view], 0), 8);
    assert.is(await file.writeAll(view, 8), 4);
    assert.is(await file.append(view), 4);
    assert.is(readFileSync(directory.at('file'), 'latin1'), 'x'.repeat(16));
    assert.is(await file.read(view, 0), 4);
    assert.is(await file.readv([view, view], 0), 8);
    assert.is(await file.read(view, 0, { offset: 1 }), 3);
    await rejects(file.read(view, 0, { length: 5 }), 'ERR_OUT_OF_RANGE');
  });

  test('a view that its buffer has shrunk below is empty', async ({ driver }) => {
    await using file = await PolledFile.open(driver, '/etc/passwd');
    const buffer = resizable(64);
    const views = [new DataView(buffer, 32, 16), new Uint16Array(buffer, 32, 8)];
    buffer.resize(8);
    for (const view of views) {
      assert.is(await file.read(view, 0), 0);
      assert.is(await file.readv([view], 0), 0);
      assert.is(await file.read(view, 0, { offset: 0 }), 0);
    }
  });

  test('a buffer that goes while it is read into is said to have gone', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), 'content');
    await using file = await PolledFile.open(driver, directory.at('file'));
    const going = new Uint8Array(7);
    const read = file.read(going, 0);
    structuredClone(going, { transfer: [going.buffer] });
    await rejects(read, 'ERR_POLYRING_BUFFER_GONE');
    // So long that no thread of the pool is free before the buffer has shrunk.
    const busy = Array.from({ length: 4 }, () => promisify(pbkdf2)('', '', 100_000, 32, 'sha512'));
    const buffer = resizable(7);
    const reads = [file.read(new Uint8Array(buffer), 0), file.readv([new Uint8Array(buffer)], 0)];
    buffer.resize(0);
    await Promise.all(reads.map((each) => rejects(each, 'ERR_POLYRING_BUFFER_GONE')));
    await Promise.all(busy);
  });

  test('a closed file refuses everything and can be closed again', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const file = await PolledFile.open(driver, directory.at('file'), 'w+');
    await using other = await PolledFile.open(driver, directory.at('other'), 'w+');
    const closing = file.close();
    const some = Buffer.alloc(4);
    const calls = [
      () => file.read(some, 0),
      () => file.write(some, 0),
      () => file.readv([some]),
      () => file.writev([some]),
      () => file.writeAll(some),
      () => file.append(some),
      () => file.readAll(),
      () => file.stat(),
      () => file.fsync(),
      () => file.truncate(),
      () => file.fallocate(0, 1),
      () => file.copyTo(other),
      () => other.copyTo(file),
    ];
    for (const call of calls) await rejects(call(), 'ERR_POLYRING_DISPOSED');
    for (const call of [() => file.chunks(), () => file.readable, () => file.writable, () => file.intoFd()]) {
      throws(call, 'ERR_POLYRING_DISPOSED');
    }
    await closing;
    await file.close();
    assert.ok(file.closed);
  });

  test('descriptors that cannot be taken over stay the caller’s', ({ driver }) => {
    throws(() => new PolledFile(driver, -1), 'ERR_OUT_OF_RANGE');
    throws(() => new PolledFile(driver, 'x' as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => new PolledFile(driver, 0x7ffffff0), 'EBADF');
    const blocking = eventfd(0, { nonblock: false });
    throws(() => new PolledFile(driver, blocking), 'ERR_POLYRING_BLOCKING_FD');
    closeSync(blocking);
  });

  test('nothing of a failure is left open', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const before = openDescriptors();
    for (let index = 0; index < 50; index += 1) {
      await rejects(PolledFile.open(driver, directory.at('none')), 'ENOENT');
      await using file = await PolledFile.open(driver, directory.at('file'), 'w+');
      await rejects(file.read(Buffer.alloc(1), -1), 'ERR_OUT_OF_RANGE');
      await file.append(Buffer.from('x'));
    }
    assert.is(openDescriptors(), before);
  });
});

function resizable(byteLength: number): ArrayBuffer & { resize(byteLength: number): void } {
  return Reflect.construct(ArrayBuffer, [byteLength, { maxByteLength: byteLength }]);
}

function fifoIn(directory: TemporaryDirectory): string {
  execFileSync('mkfifo', [directory.at('fifo')]);
  return directory.at('fifo');
}
