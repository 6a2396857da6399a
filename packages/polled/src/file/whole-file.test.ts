import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledFile } from './polled-file.js';

type PartialWrite = Error & { readonly bytesWritten?: number };

/** Not a multiple of any size that is used. */
const CONTENT = randomBytes(1_000_003);

await onEveryBackend('Whole files', (test) => {
  test('chunks come in order and in full, whatever is read ahead', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), CONTENT);
    await using file = await PolledFile.open(driver, directory.at('file'));
    for (const options of [{}, { chunkSize: 4096, readAhead: 9 }, { chunkSize: 65537, readAhead: 0 }]) {
      const chunks: Buffer[] = [];
      for await (const chunk of file.chunks(options)) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(CONTENT));
      assert.ok(chunks.slice(0, -1).every(({ length }) => length === (options.chunkSize ?? 65536)));
    }
    const range: Buffer[] = [];
    for await (const chunk of file.chunks({ start: 10, end: 5010, chunkSize: 1000 })) range.push(chunk);
    assert.equal(
      range.map(({ length }) => length),
      [1000, 1000, 1000, 1000, 1000],
    );
    assert.ok(Buffer.concat(range).equals(CONTENT.subarray(10, 5010)));
  });

  test('a consumer that is slow holds no more chunks than are read ahead', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), CONTENT);
    await using file = await PolledFile.open(driver, directory.at('file'));
    const chunks = file.chunks({ chunkSize: 10_000, readAhead: 3 });
    const first = await chunks.next();
    assert.is(first.value?.length, 10_000);
    // What is written now beyond the chunks that were read ahead is seen, since they are not read yet.
    writeFileSync(directory.at('file'), Buffer.alloc(CONTENT.length, 'x'));
    let old = 0;
    for await (const chunk of chunks) if (!chunk.equals(Buffer.alloc(chunk.length, 'x'))) old += 1;
    assert.ok(old <= 4, `${old} chunks were read ahead`);
  });

  test('a consumer that leaves can close the file at once, and an error comes in its turn', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), CONTENT);
    const file = await PolledFile.open(driver, directory.at('file'));
    for await (const chunk of file) {
      assert.is(chunk.length, 65_536);
      break;
    }
    await file.close();
    await using folder = await PolledFile.open(driver, directory.path);
    await rejects(folder.chunks().next(), 'EISDIR');
    await rejects(folder.readAll(), 'EISDIR');
  });

  test('files of procfs, whose reads are short, are read to their end', async ({ driver }) => {
    await using file = await PolledFile.open(driver, '/proc/devices');
    const chunks: Buffer[] = [];
    for await (const chunk of file.chunks({ chunkSize: 64, readAhead: 4 })) chunks.push(chunk);
    const whole = await file.readAll();
    assert.is(Buffer.concat(chunks).toString(), whole.toString());
    assert.match(whole.toString(), /Block devices/);
  });

  test('a copy has every byte, of the whole and of a range', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('source'), CONTENT);
    await using source = await PolledFile.open(driver, directory.at('source'));
    for (const options of [{}, { chunkSize: 4096, inFlight: 16 }, { chunkSize: 4_000_000, inFlight: 1 }]) {
      await using target = await PolledFile.open(driver, directory.at('target'), 'w');
      assert.is(await source.copyTo(target, options), CONTENT.length);
      assert.ok(readFileSync(directory.at('target')).equals(CONTENT));
    }
    await using appending = await PolledFile.open(driver, directory.at('target'), 'a');
    assert.is(await source.copyTo(appending, { start: 100, end: 70_100, chunkSize: 8192 }), 70_000);
    assert.ok(readFileSync(directory.at('target')).equals(Buffer.concat([CONTENT, CONTENT.subarray(100, 70_100)])));
    await using middle = await PolledFile.open(driver, directory.at('middle'), 'w');
    assert.is(await source.copyTo(middle, { start: 1_000_000, position: 5 }), 3);
    assert.ok(readFileSync(directory.at('middle')).equals(Buffer.concat([Buffer.alloc(5), CONTENT.subarray(-3)])));
  });

  test('a copy that fails or is aborted says so once, and leaves both files usable', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('source'), CONTENT);
    await using source = await PolledFile.open(driver, directory.at('source'));
    await using readOnly = await PolledFile.open(driver, directory.at('source'));
    await rejects(source.copyTo(readOnly), 'EBADF');
    await using target = await PolledFile.open(driver, directory.at('target'), 'w');
    const controller = new AbortController();
    const copy = source.copyTo(target, { chunkSize: 4096, signal: controller.signal });
    await source.read(Buffer.alloc(1), 0);
    controller.abort();
    await rejects(copy, 'AbortError');
    await rejects(source.copyTo(target, { chunkSize: 512, timeout: 0 }), 'ERR_POLYRING_TIMEOUT');
    assert.is(await source.copyTo(target), CONTENT.length);
  });

  test('the error of a write that comes to an end in the midst says how many bytes went before', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    await using file = await PolledFile.open(driver, directory.at('file'), 'w');
    using _limit = limitFileSize(600_000);
    assert.is(((await rejects(file.writeAll(CONTENT, 100_000), 'EFBIG')) as PartialWrite).bytesWritten, 500_000);
    await file.truncate(200_000);
    assert.is(((await rejects(file.append(CONTENT), 'EFBIG')) as PartialWrite).bytesWritten, 400_000);
    const signal = AbortSignal.abort();
    assert.is(((await rejects(file.append(CONTENT, { signal }), 'AbortError')) as PartialWrite).bytesWritten, 0);
  });

  test('a buffer that is larger than one transfer may be is written as a whole', async ({ driver }) => {
    await using file = await PolledFile.open(driver, '/dev/null', 'w');
    // Its pages are never written, and take no memory.
    const zeros = new Uint8Array(2 ** 31 + 1);
    assert.is(await file.writeAll(zeros), zeros.length);
  });

  test('web streams carry a file, and a slow reader makes the reads wait', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('source'), CONTENT);
    await using source = await PolledFile.open(driver, directory.at('source'));
    await using target = await PolledFile.open(driver, directory.at('target'), 'w+');
    await source.readable.pipeTo(target.writable);
    assert.is(digest(await target.readAll()), digest(CONTENT));
    const tail = await new Response(source.readableRange({ start: 999_000, end: 999_100 })).arrayBuffer();
    assert.ok(Buffer.from(tail).equals(CONTENT.subarray(999_000, 999_100)));

    const reader = source.readable.getReader();
    const { value } = await reader.read();
    assert.is(value?.length, 65_536);
    await new Promise(setImmediate);
    writeFileSync(directory.at('source'), Buffer.alloc(CONTENT.length, 'y'));
    const next = (await reader.read()).value as Uint8Array;
    assert.ok(Buffer.from(next).equals(Buffer.alloc(next.length, 'y')), 'nothing was read before it was asked for');
    await reader.cancel();
    assert.is(await source.read(Buffer.alloc(1), 0), 1);
  });

  test('a stream into the middle of a file, and one that is aborted, leave the rest as it was', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), '0123456789');
    await using file = await PolledFile.open(driver, directory.at('file'), 'r+');
    const writer = file.writableAt(3).getWriter();
    await writer.write(Buffer.from('ab'));
    await writer.write(Buffer.from('c'));
    await writer.close();
    const other = file.writable.getWriter();
    await other.write(Buffer.from('X'));
    await other.abort(new Error('enough'));
    assert.is(readFileSync(directory.at('file'), 'utf8'), 'X12abc6789');
  });

  test('a byte-oriented reader has its own buffer filled', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('file'), 'some text');
    await using file = await PolledFile.open(driver, directory.at('file'));
    const reader = file.readable.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(4));
    assert.is(Buffer.from(value as Uint8Array).toString(), 'some');
    await reader.cancel();
  });
});

/** Lets no file of this process grow beyond so many bytes. */
function limitFileSize(bytes: number): Disposable {
  const ignore = (): void => {};
  process.on('SIGXFSZ', ignore);
  const limit = (size: string): void => {
    execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}:`]);
  };
  limit(String(bytes));
  return {
    [Symbol.dispose]() {
      limit('unlimited');
      process.off('SIGXFSZ', ignore);
    },
  };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
