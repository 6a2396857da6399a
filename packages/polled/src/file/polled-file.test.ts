import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { onlyReading, rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

const TEXT = 'The quick brown fox jumps over the lazy dog.';

await onEveryBackend('PolledFile', (test) => {
  test('reads at positions into the buffer of the caller, and fewer bytes at the end', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('fox'), TEXT);
    await using file = await PolledFile.open(driver, directory.at('fox'));
    const buffer = Buffer.alloc(9, '-');
    assert.is(await file.read(buffer, 4), 9);
    assert.is(buffer.toString(), 'quick bro');
    assert.is(await file.read(buffer, TEXT.length - 4), 4);
    assert.is(buffer.toString(), 'dog.k bro');
    assert.is(await file.read(buffer, TEXT.length), 0);
    assert.is(await file.read(buffer, TEXT.length + 4096), 0);
    assert.is(await file.read(Buffer.alloc(0), 0), 0);
    assert.is(await file.read(buffer, 0, { offset: 2, length: 3 }), 3);
    assert.is(buffer.toString(), 'doThe bro');
  });

  test('without a position goes on where the last call ended', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('own'), 'w+');
    assert.is(await file.write(Buffer.from('one')), 3);
    assert.is(await file.write(Buffer.from('two'), null), 3);
    assert.is(await file.write(Buffer.from('ONE'), 0), 3);
    assert.is(await file.write(Buffer.from('three')), 5);
    assert.is(readFileSync(directory.at('own'), 'utf8'), 'ONEtwothree');
  });

  test('reads and writes several buffers in order', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('vectors'), 'w+');
    assert.is(await file.writev([Buffer.from('ab'), new Uint8Array(), new Uint16Array([0x6463])], 1), 4);
    const [first, second] = [Buffer.alloc(3), Buffer.alloc(8)];
    assert.is(await file.readv([first, second], 0), 5);
    assert.is(first.toString(), '\0ab');
    assert.is(second.toString('utf8', 0, 2), 'cd');
    await file.writev([Buffer.from('x')]);
    assert.is(readFileSync(directory.at('vectors'), 'utf8'), 'xabcd');
  });

  test('32 calls at a time each get the bytes of their position', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const content = Buffer.from(Uint32Array.from({ length: 32 * 1024 }, (_, index) => index).buffer);
    writeFileSync(directory.at('numbers'), content);
    await using file = await PolledFile.open(driver, directory.at('numbers'));
    const lanes = Array.from({ length: 32 }, async (_, lane) => {
      const buffer = new Uint32Array(1024);
      assert.is(await file.read(buffer, lane * 4096), 4096);
      assert.is(buffer[0], lane * 1024);
      assert.is(buffer[1023], lane * 1024 + 1023);
    });
    await Promise.all(lanes);
  });

  test('appends to the end whatever it was opened for', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('log'), '1');
    await using appending = await PolledFile.open(driver, directory.at('log'), 'a');
    await using writing = await PolledFile.open(driver, directory.at('log'), 'r+');
    assert.is(await appending.append(Buffer.from('22')), 2);
    assert.is(await writing.append(Buffer.from('333')), 3);
    assert.is(await appending.write(Buffer.from('4'), 0), 1);
    assert.is(await writing.append(Buffer.from('.5.'), { offset: 1, length: 1 }), 1);
    assert.is(await writing.write(Buffer.from('0'), 0), 1);
    assert.is(readFileSync(directory.at('log'), 'utf8'), '02233345');
    await using reading = await PolledFile.open(driver, directory.at('log'));
    await rejects(reading.append(Buffer.from('6')), { code: 'EBADF', syscall: 'write', errno: -9 });
  });

  test('reads a whole file, a range of it, and one whose size is not known', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const content = Buffer.alloc(1_300_001, TEXT);
    writeFileSync(directory.at('all'), content);
    await using file = await PolledFile.open(driver, directory.at('all'));
    assert.ok((await file.readAll()).equals(content));
    assert.is((await file.readAll({ start: 4, end: 9 })).toString(), 'quick');
    assert.is((await file.readAll({ start: 1_299_999 })).length, 2);
    assert.is((await file.readAll({ start: 2_000_000 })).length, 0);
    await using status = await PolledFile.open(driver, '/proc/self/status');
    assert.match((await status.readAll()).toString(), /^Name:/);
    await using empty = await PolledFile.open(driver, directory.at('empty'), 'w+');
    assert.is((await empty.readAll()).length, 0);
  });

  test('truncates, allocates and syncs', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('size'), 'w+');
    await file.writeAll(Buffer.from(TEXT), 0);
    await file.truncate(9);
    assert.is(readFileSync(directory.at('size'), 'utf8'), 'The quick');
    await file.fallocate(0, 8192);
    assert.is(statSync(directory.at('size')).size, 8192);
    await file.truncate();
    assert.is((await file.stat()).size, 0);
    assert.is(await file.fsync(), undefined);
    assert.is(await file.fdatasync(), undefined);
  });

  test('a file is synced under the permission model of Node.js as well', ({ backend }) => {
    using directory = new TemporaryDirectory();
    const script = `
      import { createBackendDriver } from ${JSON.stringify(import.meta.resolve('../grid.test-support.js'))};
      import { PolledFile } from ${JSON.stringify(import.meta.resolve('./polled-file.js'))};
      const driver = await createBackendDriver(${JSON.stringify(backend)});
      const file = await PolledFile.open(driver, ${JSON.stringify(directory.at('synced'))}, 'w+');
      await file.append(Buffer.from('synced'));
      await file.fsync();
      await file.fdatasync();
      console.log(String(await file.readAll()));
      await file.close();
      await driver.close();
    `;
    const options = [...onlyReading(), '--allow-addons', '--allow-worker', '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    assert.is(stdout, 'synced\n', stderr);
  });

  test('tells of a file what fs.Stats tells', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('stat'), TEXT, { mode: 0o640 });
    utimesSync(directory.at('stat'), 1_700_000_000.5004, 1_700_000_000.5006);
    await using file = await PolledFile.open(driver, directory.at('stat'));
    const stats = await file.stat();
    const expected = fstatSync(file.fd);
    for (const name of Object.keys(stats) as (keyof typeof stats)[]) {
      assert.is(stats[name], expected[name as keyof typeof expected], name);
    }
    assert.equal(stats.atime, expected.atime);
    assert.equal(stats.mtime, expected.mtime);
    assert.equal(stats.birthtime, expected.birthtime);
    assert.ok(stats.isFile() && !stats.isDirectory() && !stats.isFIFO());
    await using device = await PolledFile.open(driver, '/dev/null');
    const { rdev } = await device.stat();
    assert.is(rdev, statSync('/dev/null').rdev);
    assert.ok((await device.stat()).isCharacterDevice());
  });

  test('opens with flags and modes in the form of Node', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = directory.at('modes');
    await (await PolledFile.open(driver, path, 'wx', '600')).close();
    assert.is(statSync(path).mode & 0o777, 0o600);
    await rejects(PolledFile.open(driver, path, 'wx'), { code: 'EEXIST', syscall: 'open', path });
    await using file = await PolledFile.open(driver, new URL(`file://${path}`), constants.O_RDWR);
    assert.is(await file.write(Buffer.from('x'), 0), 1);
    await using again = await PolledFile.open(driver, Buffer.from(path), 'r+');
    assert.is((await again.readAll()).toString(), 'x');
    await using zero = await PolledFile.open(driver, path, -0, -0);
    assert.is((await zero.readAll({ start: -0 })).toString(), 'x');
  });

  test('takes over a descriptor, closes it, and gives one back open', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('fd'), TEXT);
    const fd = openSync(directory.at('fd'), 'r');
    const first = new PolledFile(driver, fd);
    assert.is(first.intoFd(), fd);
    assert.ok(first.closed);
    await first.close();
    assert.is(fstatSync(fd).size, TEXT.length);
    const second = new PolledFile(driver, fd);
    const reads = Array.from({ length: 8 }, () => second.read(Buffer.alloc(4), 0));
    await Promise.all([second.close(), second.close()]);
    assert.throws(() => fstatSync(fd), /EBADF/);
    assert.equal(await Promise.all(reads), Array(8).fill(4));
  });

  test('memory for O_DIRECT begins at a page, and is read into in place', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const content = Buffer.alloc(3 * 4096, TEXT);
    writeFileSync(directory.at('direct'), content);
    let file: PolledFile;
    try {
      file = await PolledFile.open(driver, directory.at('direct'), constants.O_RDWR | constants.O_DIRECT);
    } catch (error) {
      // A file system without O_DIRECT, such as tmpfs before Linux 6.6.
      assert.is((error as NodeJS.ErrnoException).code, 'EINVAL');
      return;
    }
    for (const length of [512, 4096, 8192, 65536]) {
      using memory = file.allocateAligned(length);
      assert.is(memory.bytes.length, length);
      assert.is(await file.read(memory.bytes, 0), Math.min(length, content.length));
      assert.ok(memory.bytes.subarray(0, content.length).equals(content.subarray(0, length)));
    }
    await file.close();
  });

  test('files of a driver that was closed are refused, and can be closed', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('late'), TEXT);
    const file = await PolledFile.open(driver, directory.at('late'));
    await driver.close();
    await rejects(file.read(Buffer.alloc(4), 0), { code: 'ERR_POLYRING_CLOSED' });
    await rejects(file.stat(), { code: 'ERR_POLYRING_CLOSED' });
    await rejects(PolledFile.open(driver, directory.at('late')), { code: 'ERR_POLYRING_CLOSED' });
    const { fd } = file;
    await file.close();
    assert.throws(() => closeSync(fd), /EBADF/);
  });
});
