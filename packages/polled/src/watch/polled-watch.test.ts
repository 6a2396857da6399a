import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { openDescriptors, rejects, throws } from '../rejection.test-support.js';
import { TemporaryDirectory } from '../temporary-directory.test-support.js';
import { PolledWatch } from './polled-watch.js';
import type { WatchEvent } from './watch-event.js';

/** Waits for as many events as are expected and says each in a line, with paths below the directory. */
async function lines(watch: PolledWatch, directory: TemporaryDirectory, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const event = await watch.next({ timeout: 20_000 });
    if (event === undefined) break;
    seen.push(lineOf(event).replaceAll(directory.path, ''));
  }
  return seen;
}

function lineOf(event: WatchEvent): string {
  if (event.type === 'overflow') return 'overflow';
  if (event.type === 'unmount') return `unmount ${event.path}`;
  const directory = event.isDirectory ? ' (directory)' : '';
  if (event.type === 'move') return `move ${event.from ?? '?'} to ${event.to ?? '?'}${directory}`;
  return `${event.type} ${event.path}${directory}`;
}

await onEveryBackend('PolledWatch', (test) => {
  test('tells of what happens to the entries of a directory, in order', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path);
    writeFileSync(directory.at('a'), 'x');
    mkdirSync(directory.at('d'));
    rmdirSync(directory.at('d'));
    rmSync(directory.at('a'));
    assert.equal(await lines(watch, directory, 6), [
      'create /a',
      'modify /a',
      'closeWrite /a',
      'create /d (directory)',
      'delete /d (directory)',
      'delete /a',
    ]);
  });

  test('a move is one event, and half of one where the other end is not watched', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    writeFileSync(directory.at('a'), '');
    writeFileSync(outside.at('b'), '');
    using watch = new PolledWatch(driver, directory.path, { types: ['move', 'create'] });
    renameSync(directory.at('a'), directory.at('c'));
    renameSync(directory.at('c'), outside.at('c'));
    renameSync(outside.at('b'), directory.at('b'));
    writeFileSync(directory.at('after'), '');
    assert.equal(await lines(watch, directory, 4), ['move /a to /c', 'move /c to ?', 'move ? to /b', 'create /after']);
  });

  test('follows directories that come into the tree, and tells of what they hold already', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(directory.at('old/deep'), { recursive: true });
    mkdirSync(outside.at('in/deep'), { recursive: true });
    writeFileSync(outside.at('in/deep/f'), '');
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move', 'delete'] });
    writeFileSync(directory.at('old/deep/x'), '');
    mkdirSync(directory.at('new/deep'), { recursive: true });
    writeFileSync(directory.at('new/deep/y'), '');
    assert.equal(await lines(watch, directory, 4), [
      'create /old/deep/x',
      'create /new (directory)',
      'create /new/deep (directory)',
      'create /new/deep/y',
    ]);
    writeFileSync(directory.at('new/deep/z'), '');
    rmSync(directory.at('new/deep/y'));
    writeFileSync(directory.at('new/deep/y'), '');
    renameSync(outside.at('in'), directory.at('in'));
    assert.equal(await lines(watch, directory, 6), [
      'create /new/deep/z',
      'delete /new/deep/y',
      'create /new/deep/y',
      'move ? to /in (directory)',
      'create /in/deep (directory)',
      'create /in/deep/f',
    ]);
    writeFileSync(directory.at('in/deep/g'), '');
    assert.equal(await lines(watch, directory, 1), ['create /in/deep/g']);
  });

  test('a directory that is moved keeps being followed by its new path, and one that leaves does not', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(directory.at('a/b'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
    writeFileSync(directory.at('a/b/1'), '');
    renameSync(directory.at('a'), directory.at('z'));
    writeFileSync(directory.at('z/b/2'), '');
    renameSync(directory.at('z'), outside.at('z'));
    assert.equal(await lines(watch, directory, 4), [
      'create /a/b/1',
      'move /a to /z (directory)',
      'create /z/b/2',
      'move /z to ? (directory)',
    ]);
    writeFileSync(outside.at('z/b/3'), '');
    writeFileSync(directory.at('last'), '');
    assert.equal(await lines(watch, directory, 1), ['create /last']);
  });

  test('a directory that has left the tree may be deleted at once', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(directory.at('a/b'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
    renameSync(directory.at('a'), outside.at('a'));
    rmSync(outside.at('a'), { recursive: true });
    assert.equal(await lines(watch, directory, 1), ['move /a to ? (directory)']);
    writeFileSync(directory.at('last'), '');
    assert.equal(await lines(watch, directory, 1), ['create /last']);
  });

  test('what has left is told of together, without a wait for each', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    const names = Array.from({ length: 500 }, (_, index) => `${index}`);
    for (const name of names) writeFileSync(directory.at(name), '');
    using watch = new PolledWatch(driver, directory.path, { types: ['move'] });
    const start = performance.now();
    for (const name of names) renameSync(directory.at(name), outside.at(name));
    assert.equal(
      await lines(watch, directory, names.length),
      names.map((name) => `move /${name} to ?`),
    );
    assert.ok(performance.now() - start < 2500);
  });

  test('a tree that grows while it is followed is told of in full, each entry once', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    const expected = new Set<string>();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of watch) {
        if (event.type === 'create') seen.push(event.path);
        if (seen.length === 600) return;
      }
    })();
    for (let index = 0; index < 100; index += 1) {
      const path = directory.at(`${index}`, 'a', 'b');
      mkdirSync(path, { recursive: true });
      if (index % 3 === 0) await new Promise(setImmediate);
      for (const name of ['1', '2', '3']) writeFileSync(`${path}/${name}`, '');
      for (const name of ['', 'a', 'a/b', 'a/b/1', 'a/b/2', 'a/b/3']) expected.add(directory.at(`${index}`, name));
    }
    await reading;
    assert.is(new Set(seen).size, 600);
    for (const path of seen) assert.ok(expected.has(path) || expected.has(`${path}/`), path);
  });

  test('what is lost to a full queue is an event of its own, and the tree is followed again', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'modify'] });
    // Twice the same event in a row is queued once.
    const files = [openSync(directory.at('a'), 'w'), openSync(directory.at('b'), 'w')];
    for (let left = maximumQueuedEvents(); left > 0; left -= files.length) {
      for (const fd of files) writeSync(fd, 'x', 0);
    }
    for (const fd of files) closeSync(fd);
    mkdirSync(directory.at('unseen'));
    let overflows = 0;
    for await (const event of watch) {
      if (event.type !== 'overflow') continue;
      overflows += 1;
      break;
    }
    assert.is(overflows, 1);
    writeFileSync(directory.at('unseen/file'), '');
    assert.equal(await lines(watch, directory, 1), ['create /unseen/file']);
  });

  test('ends when what is watched is gone', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('root'));
    using watch = new PolledWatch(driver, directory.at('root'));
    rmdirSync(directory.at('root'));
    const seen: string[] = [];
    for await (const event of watch) seen.push(lineOf(event));
    assert.equal(seen, [`delete ${directory.at('root')} (directory)`]);
    assert.is(await watch.next(), undefined);
  });

  test('calls that overlap get one event each, and one that gives up takes none', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { types: ['create'] });
    const controller = new AbortController();
    const calls = [watch.next(), watch.next({ signal: controller.signal }), watch.next({ timeout: 1 }), watch.next()];
    controller.abort();
    await rejects(calls[1] as Promise<unknown>, 'AbortError');
    await rejects(calls[2] as Promise<unknown>, 'ERR_POLYRING_TIMEOUT');
    for (const name of ['1', '2', '3']) writeFileSync(directory.at(name), '');
    const events = [await calls[0], await calls[3], await watch.next()] as WatchEvent[];
    assert.equal(
      events.map((event) => lineOf(event).replace(directory.path, '')),
      ['create /1', 'create /2', 'create /3'],
    );
    await rejects(watch.next({ signal: AbortSignal.abort() }), 'AbortError');
  });

  test('disposal ends every wait and leaves no descriptor, and bad input none either', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const before = openDescriptors();
    const watch = new PolledWatch(driver, directory.path);
    const waits = [watch.next(), watch.next()];
    watch[Symbol.dispose]();
    watch[Symbol.dispose]();
    for (const wait of waits) await rejects(wait, 'ERR_POLYRING_DISPOSED');
    await rejects(watch.next(), 'ERR_POLYRING_DISPOSED');
    throws(() => new PolledWatch(driver, directory.at('none')), 'ENOENT');
    throws(() => new PolledWatch(driver, 'a\0b'), 'ERR_OUT_OF_RANGE');
    throws(() => new PolledWatch(driver, 7 as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => new PolledWatch(driver, '/', { types: ['birth' as never] }), 'ERR_INVALID_ARG_VALUE');
    throws(() => new PolledWatch(driver, '/', { types: [] }), 'ERR_INVALID_ARG_VALUE');
    assert.is(openDescriptors(), before);
  });
});

function maximumQueuedEvents(): number {
  return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
}
