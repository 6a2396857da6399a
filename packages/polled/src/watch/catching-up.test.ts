import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rejects, TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { NoDescriptors } from '../no-descriptors.test-support.js';
import { lineOf, lines } from './lines.test-support.js';
import { PolledWatch } from './polled-watch.js';
import type { WatchEvent } from './watch-event.js';

/** Events that the kernel keeps. */
const MOST_QUEUED = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));

await onEveryBackend('a recursive PolledWatch that could not follow', (test) => {
  test('one call is told that a directory could not be followed, and the next ones what came', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    // Both are paths that the kernel takes, and the one behind the other is too long.
    const long = Array.from({ length: 12 }, () => 'd'.repeat(200));
    mkdirSync(directory.at(...long), { recursive: true });
    mkdirSync(outside.at('come', ...long), { recursive: true });
    const place = directory.at(...long, 'come');
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['move'] });
    for (const isWaitedFor of [true, false]) {
      const waiting = isWaitedFor ? [watch.next(), watch.next()] : [];
      renameSync(outside.at('come'), place);
      const [first, second] = isWaitedFor ? waiting : [watch.next(), watch.next()];
      await rejects(first as Promise<unknown>, 'ENAMETOOLONG');
      assert.is(lineOf((await second) as WatchEvent), `move ? to ${place} (directory)`);
      renameSync(place, outside.at('come'));
      assert.is(lineOf((await watch.next()) as WatchEvent), `move ${place} to ? (directory)`);
    }
  });

  test('a directory that comes while no descriptor is left is read by the first call that there is one for', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(outside.at('in/deep'), { recursive: true });
    writeFileSync(outside.at('in/deep/f'), '');
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
    {
      using _descriptors = new NoDescriptors();
      renameSync(outside.at('in'), directory.at('in'));
      await rejects(watch.next(), 'EMFILE');
      assert.equal(await lines(watch, directory, 1), ['move ? to /in (directory)']);
      await rejects(watch.next({ timeout: 20_000 }), 'EMFILE');
    }
    assert.equal(await lines(watch, directory, 2), ['create /in/deep (directory)', 'create /in/deep/f']);
    writeFileSync(directory.at('in/deep/g'), '');
    assert.equal(await lines(watch, directory, 1), ['create /in/deep/g']);
  });

  test('a directory that nobody may read is followed once its rights are changed', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    using _user = new OrdinaryUser();
    for (const isThere of [true, false]) {
      const name = isThere ? 'there' : 'come';
      if (isThere) mkdirSync(directory.at(name), 0);
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
      if (!isThere) {
        mkdirSync(directory.at(name), 0);
        assert.equal(await lines(watch, directory, 1), ['create /come (directory)']);
      }
      // It is followed from the same place.
      mkdirSync(directory.at(`beside ${name}`));
      assert.equal(await lines(watch, directory, 1), [`create /beside ${name} (directory)`]);
      chmodSync(directory.at(name), 0o300);
      mkdirSync(directory.at(name, 'below'));
      chmodSync(directory.at(name), 0o700);
      assert.equal(await lines(watch, directory, 1), [`create /${name}/below (directory)`]);
      chmodSync(directory.at(name), 0o755);
      writeFileSync(directory.at(name, 'below/file'), '');
      assert.equal(await lines(watch, directory, 1), [`create /${name}/below/file`]);
    }
  });

  test('what is in a directory that nobody may enter is followed once its rights are changed', async ({ driver }) => {
    using _user = new OrdinaryUser();
    for (const closed of ['', 'in']) {
      using directory = new TemporaryDirectory();
      mkdirSync(directory.at('in/below'), { recursive: true });
      chmodSync(directory.at(closed), 0o600);
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
      chmodSync(directory.at(closed), 0o700);
      writeFileSync(directory.at('in/below/file'), '');
      if (closed === '') assert.equal(await lines(watch, directory, 1), ['create /in/below (directory)']);
      assert.equal(await lines(watch, directory, 1), ['create /in/below/file']);
      writeFileSync(directory.at('in/below/other'), '');
      assert.equal(await lines(watch, directory, 1), ['create /in/below/other']);
    }
  });

  test('what has come to a directory that was closed since is followed once it is opened', async ({ driver }) => {
    using _user = new OrdinaryUser();
    for (const [closed, rights] of [
      ['in', 0],
      ['in', 0o600],
      ['in/deep', 0],
      ['in/deep', 0o600],
    ] as const) {
      using directory = new TemporaryDirectory({ 'in/deep/file': '' });
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
      mkdirSync(directory.at('in/deep/come/below'), { recursive: true });
      chmodSync(directory.at(closed), rights);
      assert.equal(await lines(watch, directory, 1), ['create /in/deep/come (directory)']);
      chmodSync(directory.at(closed), 0o700);
      assert.equal(await lines(watch, directory, 1), ['create /in/deep/come/below (directory)']);
      writeFileSync(directory.at('in/deep/come/below/file'), '');
      assert.equal(await lines(watch, directory, 1), ['create /in/deep/come/below/file']);
    }
  });

  test('attributes that nobody has asked for leave the queue to what was asked for', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('in'));
    const files = ['in/a', 'in/b'].map((name) => directory.at(name));
    for (const file of files) writeFileSync(file, '');
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    for (let left = MOST_QUEUED; left > 0; left -= files.length) for (const file of files) utimesSync(file, 0, 0);
    writeFileSync(directory.at('in/come'), '');
    assert.equal(await lines(watch, directory, 1), ['create /in/come']);
  });

  test('what is lost to a full queue is an event of its own, and the tree is followed again', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(directory.at('left'));
    mkdirSync(directory.at('moved/below'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'modify'] });
    fillQueue(directory);
    mkdirSync(directory.at('unseen'));
    renameSync(directory.at('left'), outside.at('left'));
    renameSync(directory.at('moved'), directory.at('unseen/moved'));
    await untilOverflow(watch);
    writeFileSync(outside.at('left/file'), '');
    writeFileSync(directory.at('unseen/file'), '');
    writeFileSync(directory.at('unseen/moved/below/file'), '');
    assert.equal(await lines(watch, directory, 2), ['create /unseen/file', 'create /unseen/moved/below/file']);
  });

  test('what is lost to a full queue while no descriptor is left is followed again once there is one', async ({
    driver,
  }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    mkdirSync(directory.at('left'));
    mkdirSync(directory.at('kept/below'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'modify'] });
    fillQueue(directory);
    mkdirSync(directory.at('unseen'));
    renameSync(directory.at('left'), outside.at('left'));
    {
      using _descriptors = new NoDescriptors();
      await rejects(untilOverflow(watch), 'EMFILE');
      await untilOverflow(watch);
      mkdirSync(directory.at('late/inner'), { recursive: true });
      await rejects(watch.next({ timeout: 20_000 }), 'EMFILE');
      assert.equal(await lines(watch, directory, 1), ['create /late (directory)']);
      await rejects(watch.next({ timeout: 20_000 }), 'EMFILE');
    }
    assert.equal(await lines(watch, directory, 1), ['create /late/inner (directory)']);
    const next = watch.next({ timeout: 20_000 });
    writeFileSync(outside.at('left/file'), '');
    writeFileSync(directory.at('unseen/file'), '');
    writeFileSync(directory.at('kept/below/file'), '');
    assert.is(lineOf((await next) as WatchEvent), `create ${directory.at('unseen/file')}`);
    assert.equal(await lines(watch, directory, 1), ['create /kept/below/file']);
  });
});

/** Takes from the superuser that he may read everything, until it is disposed of. */
class OrdinaryUser implements Disposable {
  readonly #before = process.geteuid?.();

  constructor() {
    if (this.#before === 0) process.seteuid?.(65_534);
  }

  [Symbol.dispose](): void {
    if (this.#before === 0) process.seteuid?.(0);
  }
}

/** Has more events than the kernel keeps happen to what is watched. */
function fillQueue(directory: TemporaryDirectory): void {
  // Twice the same event in a row is queued once.
  const files = [openSync(directory.at('a'), 'w'), openSync(directory.at('b'), 'w')];
  for (let left = MOST_QUEUED; left > 0; left -= files.length) {
    for (const fd of files) writeSync(fd, 'x', 0);
  }
  for (const fd of files) closeSync(fd);
}

async function untilOverflow(watch: PolledWatch): Promise<void> {
  let event: WatchEvent | undefined;
  do {
    event = await watch.next({ timeout: 20_000 });
    assert.ok(event);
  } while (event.type !== 'overflow');
}
