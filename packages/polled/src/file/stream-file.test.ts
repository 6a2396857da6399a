import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PolledTimer } from '@polyring/core';
import { openDescriptors, openDescriptorsTo, rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { startPeer } from '../peer-tools.test-support.js';
import { PolledFile } from './polled-file.js';

/** The repository. */
const ROOT = new URL('../../../../', import.meta.url);

const RACES = 10_000;

/** Milliseconds, more than there are between two looks for the other end of a pipe. */
const PAUSE = 50;

function fifoIn(directory: TemporaryDirectory): string {
  execFileSync('mkfifo', [directory.at('fifo')]);
  return directory.at('fifo');
}

/** Waits until this process has a descriptor of a path. */
async function descriptorOf(path: string): Promise<number> {
  for (;;) {
    const [found] = openDescriptorsTo(path);
    if (found !== undefined) return found;
    await new Promise(setImmediate);
  }
}

/** Opens a path until one of its descriptors is that one, which is free. */
function openUpTo(fd: number, path: string): number[] {
  const fds: number[] = [];
  while (!fds.includes(fd)) fds.push(openSync(path, 'r'));
  return fds;
}

await onEveryBackend('Files without positions', (test) => {
  test('opening a named pipe waits for the other end, and its bytes come as they are written', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    const reading = PolledFile.open(driver, path);
    const writing = PolledFile.open(driver, path, 'w');
    await using reader = await reading;
    const writer = await writing;
    const buffer = Buffer.alloc(16);
    const read = reader.read(buffer, 1234);
    assert.is(await writer.write(Buffer.from('first')), 5);
    assert.is(await read, 5);
    await writer.writev([Buffer.from('a'), Buffer.from('b')]);
    assert.is(await reader.readv([buffer]), 2);
    await writer.append(Buffer.from('last'));
    await writer.close();
    assert.is((await reader.readAll()).toString(), 'last');
    assert.is(await reader.read(buffer), 0);
    assert.ok((await reader.stat()).isFIFO());
    await rejects(reader.truncate(), 'EINVAL');
  });

  test('a pipe is opened only when its other end is, in whatever order', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    const before = openDescriptors();
    for (const [first, second] of [
      ['r', 'w'],
      ['w', 'r'],
    ] as const) {
      await rejects(PolledFile.open(driver, path, first, 0, { timeout: 5 }), 'ERR_POLYRING_TIMEOUT');
      const opening = PolledFile.open(driver, path, first);
      await using other = await PolledFile.open(driver, path, second);
      await using opened = await opening;
      assert.ok(opened.fd !== other.fd);
    }
    assert.is(openDescriptors(), before);
  });

  test('programs that wait in open(2) are met, and one that has left without a byte', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    const reader = startPeer('cat', [path]);
    const file = await PolledFile.open(driver, path, 'w');
    await file.writeAll(Buffer.from('to the program'));
    await file.close();
    assert.is(await reader.output, 'to the program');

    const writer = startPeer('sh', ['-c', `echo from the program > '${path}'`]);
    const other = await PolledFile.open(driver, path);
    assert.is((await other.readAll()).toString(), 'from the program\n');
    await other.close();
    await writer.output;

    const opening = PolledFile.open(driver, path);
    await startPeer('sh', ['-c', `: > '${path}'`]).output;
    await using left = await opening;
    assert.is(await left.read(Buffer.alloc(1)), 0);
  });

  test('a pipe that is opened without waiting is read once its writer has come', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    await using reader = await PolledFile.open(driver, path, constants.O_RDONLY | constants.O_NONBLOCK);
    await rejects(reader.read(Buffer.alloc(1), null, { timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    const reading = reader.readAll();
    {
      await using writer = await PolledFile.open(driver, path, 'w');
      await writer.writeAll(Buffer.from('all of it'));
    }
    assert.is(`${await reading}`, 'all of it');
  });

  test('an open that waits for the other end is ended at once, and holds no thread', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    const path = fifoIn(directory);
    // A pipe each: what an open that was ended has opened by then may be the other end for a moment.
    const writePath = fifoIn(elsewhere);
    // More than the pool has threads.
    for (const flags of ['r', 'w', 'r', 'w', 'r', 'w']) {
      const ofFlags = flags === 'r' ? path : writePath;
      const controller = new AbortController();
      const opening = rejects(PolledFile.open(driver, ofFlags, flags, 0, { signal: controller.signal }), 'AbortError');
      await rejects(PolledFile.open(driver, ofFlags, flags, 0, { timeout: 5 }), 'ERR_POLYRING_TIMEOUT');
      controller.abort();
      await opening;
    }
    assert.ok((await stat(path)).isFIFO());
    const reading = rejects(PolledFile.open(driver, path, 'r'), 'ERR_POLYRING_CLOSED');
    const writing = rejects(PolledFile.open(driver, writePath, 'w'), 'ERR_POLYRING_CLOSED');
    await rejects(PolledFile.open(driver, path, 'r', 0, { timeout: 5 }), 'ERR_POLYRING_TIMEOUT');
    await driver.close();
    await Promise.all([reading, writing]);
  });

  test('opens that wait for the other end keep no work of other files back', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    // As many as there are threads for it: those of the kernel or those of Node.js.
    const count = driver.supports.ioUring ? driver.ioUring.workerLimits().bounded : 4;
    const others = { timeout: 10_000 };
    await using file = await PolledFile.open(driver, directory.at('file'), 'w', 0o600, others);
    for (const flags of ['r', 'w', constants.O_WRONLY]) {
      const controller = new AbortController();
      const { signal } = controller;
      const opens = Array.from({ length: count }, () =>
        rejects(PolledFile.open(driver, path, flags, 0, { signal }), 'AbortError'),
      );
      await file.fsync(others);
      await file.truncate(3, others);
      assert.is((await file.stat(others)).size, 3);
      await (await PolledFile.open(driver, directory.at('other'), 'w', 0o600, others)).close();
      controller.abort();
      await Promise.all(opens);
    }
  });

  test('an open for a reader that is ended leaves a file alone that comes by the number it had meanwhile', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    execFileSync('mkfifo', [directory.at('other')]);
    writeFileSync(directory.at('file'), 'kept');
    const controller = new AbortController();
    const opening = rejects(PolledFile.open(driver, path, 'w', 0, { signal: controller.signal }), 'AbortError');
    const held = await descriptorOf(path);
    // All of the pool's threads wait, and whatever else is to be done by one.
    const waiting = Array.from({ length: 4 }, () => open(directory.at('other')));
    using timer = new PolledTimer(driver);
    await timer.sleep(PAUSE);
    controller.abort();
    await opening;
    const fds = openUpTo(held, directory.at('file'));
    const writer = openSync(directory.at('other'), 'w');
    await Promise.all((await Promise.all(waiting)).map((handle) => handle.close()));
    assert.is(readFileSync(directory.at('file'), 'utf8'), 'kept');
    for (const fd of [...fds, writer]) closeSync(fd);
  });

  test('an open for a reader opens nothing else where its number is closed by a mistake', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const path = fifoIn(directory);
    writeFileSync(directory.at('file'), 'kept');
    const opening = rejects(PolledFile.open(driver, path, 'w'), 'ENXIO');
    const held = await descriptorOf(path);
    using timer = new PolledTimer(driver);
    await timer.sleep(PAUSE);
    closeSync(held);
    const fds = openUpTo(held, directory.at('file'));
    await opening;
    assert.is(readFileSync(directory.at('file'), 'utf8'), 'kept');
    for (const fd of fds) if (fd !== held) closeSync(fd);
  });

  test('under the permission model of Node.js a pipe is opened as any other file', ({ backend }) => {
    using directory = new TemporaryDirectory();
    const script = `
      import { createBackendDriver } from ${JSON.stringify(import.meta.resolve('../grid.test-support.js'))};
      import { PolledFile } from ${JSON.stringify(import.meta.resolve('./polled-file.js'))};
      const driver = await createBackendDriver(${JSON.stringify(backend)});
      const path = ${JSON.stringify(fifoIn(directory))};
      const writing = PolledFile.open(driver, path, 'w');
      await PolledFile.open(driver, path, 'w', 0, { timeout: 100 }).catch(({ code }) => console.log(code));
      const reader = await PolledFile.open(driver, path);
      const writer = await writing;
      await Promise.all([writer.close(), reader.close()]);
      await driver.close();
    `;
    const { allowedNodeEnvironmentFlags } = process;
    const model = allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
    // No more than the packages.
    const allowed = [model, '--allow-addons', '--allow-worker', `--allow-fs-read=${fileURLToPath(ROOT)}`];
    const { stdout, stderr } = spawnSync(process.execPath, [...allowed, '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.is(stdout, 'ERR_POLYRING_TIMEOUT\n', stderr);
  });

  test('what is written as a whole has nothing of another call in between, and its error says how far it got', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    await using pipe = await PolledFile.open(driver, fifoIn(directory), constants.O_RDWR);
    // More than a pipe has room for.
    const size = 200_000;
    const calls = [
      pipe.writeAll(Buffer.alloc(size, 'a')),
      pipe.append(Buffer.alloc(size + 1, 'b'), { offset: 1 }),
      pipe.writeAll(Buffer.alloc(size, 'c'), 5, { length: size }),
    ];
    const content = Buffer.alloc(3 * size);
    for (let read = 0; read < content.length; ) read += await pipe.read(content.subarray(read, read + 30_000));
    assert.equal(await Promise.all(calls), [size, size, size]);
    assert.ok(content.equals(Buffer.concat(['a', 'b', 'c'].map((letter) => Buffer.alloc(size, letter)))));

    for (const write of [pipe.writeAll(content, null, { timeout: 5 }), pipe.append(content, { timeout: 5 })]) {
      const error = await rejects(write, 'ERR_POLYRING_TIMEOUT');
      const { bytesWritten } = error as { bytesWritten?: number };
      let read = 0;
      while (read < (bytesWritten as number)) read += await pipe.read(content);
      assert.is(read, bytesWritten);
    }
  });

  test('10,000 reads whose signal or time ends as a byte comes lose none', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using pipe = await PolledFile.open(driver, fifoIn(directory), constants.O_RDWR);
    const byte = Buffer.alloc(1);
    let ended = 0;
    for (let race = 0; race < RACES; race += 1) {
      const controller = new AbortController();
      byte[0] = 0;
      // From 0.01 to 20 ms: on a slow machine too the byte comes first at times.
      const timeout = 0.01 * 2 ** ((race / 4) % 12);
      const read = pipe.read(byte, null, race % 4 === 0 ? { timeout } : { signal: controller.signal });
      const value = race & 0xff;
      const write = (): void => {
        writeSync(pipe.fd, Uint8Array.of(value));
      };
      // One of the two comes first, in the same turn of the loop or in another.
      if (race % 2 === 0) write();
      if (race % 3 === 0) await Promise.resolve();
      if (race % 16 === 1) await new Promise(setImmediate);
      controller.abort();
      if (race % 2 === 1) write();
      try {
        assert.is(await read, 1);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        assert.ok(code === 'ABORT_ERR' || code === 'ERR_POLYRING_TIMEOUT', String(error));
        ended += 1;
        assert.is(await pipe.read(byte), 1);
      }
      assert.is(byte[0], value);
    }
    assert.ok(ended > 0 && ended < RACES, `${ended} of ${RACES} ended without a byte`);
  });
});

await onEveryBackend('Files and races', (test) => {
  test('10,000 reads of a file whose signal or time ends meanwhile either have their bytes or did nothing', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w+');
    await file.writeAll(Buffer.alloc(4096, 'z'), 0);
    const buffers = Array.from({ length: 50 }, () => Buffer.alloc(16));
    let done = 0;
    for (let race = 0; race < RACES; race += buffers.length) {
      await Promise.all(
        buffers.map(async (buffer, index) => {
          buffer.fill(0);
          const controller = new AbortController();
          const limits = index % 2 === 0 ? { signal: controller.signal } : { timeout: index / 1000 };
          const read = file.read(buffer, index, limits);
          if (index % 3 === 0) await new Promise(setImmediate);
          controller.abort();
          try {
            assert.is(await read, 16);
            assert.ok(buffer.equals(Buffer.alloc(16, 'z')));
            done += 1;
          } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            assert.ok(code === 'ABORT_ERR' || code === 'ERR_POLYRING_TIMEOUT', String(error));
            assert.ok(buffer.equals(Buffer.alloc(16)));
          }
        }),
      );
    }
    assert.ok(done > 0, 'some have won');
    assert.is(await file.read(Buffer.alloc(1), 0), 1);
  });
});
