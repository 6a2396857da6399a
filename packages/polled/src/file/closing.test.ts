import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { nop, openat } from '@polyring/core';
import { rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

/** More than any call has in flight. */
const SIZE = 8_000_000;

await onEveryBackend('Calls under way when their file is closed', (test) => {
  test('chunks of a closed file end, and none is of the file that got its number', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('mine'), Buffer.alloc(SIZE, 'm'));
    writeFileSync(directory.at('other'), Buffer.alloc(SIZE, 'o'));
    const file = await PolledFile.open(driver, directory.at('mine'));
    const { fd } = file;
    const chunks = file.chunks();
    await chunks.next();
    await file.close();
    assert.is(openSync(directory.at('other'), 'r'), fd);
    const rest = (async () => {
      for await (const chunk of chunks) assert.not.ok(chunk.includes('o'));
    })();
    await rejects(rest, 'ERR_POLYRING_DISPOSED');
    closeSync(fd);
  });

  test('a copy from or to a closed file ends, and leaves the file alone that got its number', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('source'), Buffer.alloc(SIZE, 's'));
    writeFileSync(directory.at('victim'), 'precious');
    for (const closing of ['source', 'target'] as const) {
      await using source = await PolledFile.open(driver, directory.at('source'));
      await using target = await PolledFile.open(driver, directory.at('target'), 'w');
      const { fd } = { source, target }[closing];
      const copying = rejects(source.copyTo(target, { chunkSize: 4096 }), 'ERR_POLYRING_DISPOSED');
      await source.read(Buffer.alloc(1), 0);
      await { source, target }[closing].close();
      assert.is(openSync(directory.at('victim'), 'r+'), fd);
      await copying;
      closeSync(fd);
      assert.is(readFileSync(directory.at('victim'), 'utf8'), 'precious');
      assert.not.ok(readFileSync(directory.at('target')).includes('precious'));
    }
  });

  test('reading a whole file ends when the file is closed', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), Buffer.alloc(SIZE));
    const file = await PolledFile.open(driver, directory.at('file'));
    const reading = rejects(file.readAll(), 'ERR_POLYRING_DISPOSED');
    await file.close();
    await reading;
  });

  test('writing a whole buffer ends when the file is closed, with what it has written', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    for (const call of ['writeAll', 'append'] as const) {
      const path = directory.at(call);
      const file = await PolledFile.open(driver, path, 'w');
      const writing = rejects(file[call](Buffer.alloc(SIZE)), 'ERR_POLYRING_DISPOSED');
      await file.close();
      const { bytesWritten } = (await writing) as { bytesWritten?: number };
      assert.is(bytesWritten, statSync(path).size);
    }
  });

  test('calls that have not begun when the driver is closed say that it was closed', async ({ driver }) => {
    if (!driver.supports.ioUring) return;
    using directory = new TemporaryDirectory();
    const file = await PolledFile.open(driver, directory.at('file'), 'w+');
    execFileSync('mkfifo', [directory.at('fifo')]);
    // Every worker waits for a writer of the pipe, and everything else for a worker.
    const opens = Array.from({ length: driver.ioUring.workerLimits().bounded }, () =>
      driver.ioUringSubmit(openat(directory.at('fifo'), constants.O_RDONLY, { async: true })),
    );
    const calls = [file.stat(), file.fsync(), file.fallocate(0, 1), file.readAll()];
    const ended = opens.map((call) => rejects(call, 'ERR_POLYRING_CLOSED'));
    // The worker of an open that is cancelled may come to one of these before it is cancelled too.
    const settled = Promise.allSettled<unknown>(calls);
    await driver.ioUringSubmit(nop());
    await driver.close();
    await Promise.all(ended);
    for (const each of await settled) {
      if (each.status === 'rejected') assert.is(each.reason.code, 'ERR_POLYRING_CLOSED');
    }
    await file.close();
  });

  test('an append whose buffer goes before it is written holds nothing', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const file = await PolledFile.open(driver, directory.at('file'), 'w');
    const going = new Uint8Array(16);
    const appending = file.append(going);
    structuredClone(going, { transfer: [going.buffer] });
    // A ring has copied the bytes by then.
    await appending.catch((error) => assert.is(error.code, 'ERR_POLYRING_DETACHED'));
    const { fd } = file;
    await file.close();
    assert.throws(() => fstatSync(fd), /EBADF/);
  });

  test('what is being appended when the descriptor is given back, or the file closed, is written', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    const given = await PolledFile.open(driver, directory.at('given'), 'w');
    const appending = given.append(Buffer.from('hello'));
    const fd = given.intoFd();
    assert.is(await appending, 5);
    assert.is(readFileSync(directory.at('given'), 'utf8'), 'hello');
    closeSync(fd);
    const closed = await PolledFile.open(driver, directory.at('closed'), 'w');
    const appends = [closed.append(Buffer.from('hello')), closed.append(Buffer.from('hello'))];
    await closed.close();
    assert.equal(await Promise.all(appends), [5, 5]);
    assert.is(readFileSync(directory.at('closed'), 'utf8'), 'hellohello');
  });

  test('a descriptor that was given back is left alone', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), Buffer.alloc(SIZE));
    const file = await PolledFile.open(driver, directory.at('file'));
    const reading = rejects(file.readAll(), 'ERR_POLYRING_DISPOSED');
    const fd = file.intoFd();
    await reading;
    await file.close();
    assert.is(fstatSync(fd).size, SIZE);
    closeSync(fd);
  });
});
