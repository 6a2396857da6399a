import { closeSync, mkdirSync, openSync, renameSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import type { Driver } from '@polyring/core';
import { openDescriptors, rejects, TemporaryDirectory, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { NoDescriptors } from '../no-descriptors.test-support.js';
import { lineOf, lines } from './lines.test-support.js';
import { PolledWatch } from './polled-watch.js';
import type { WatchEvent } from './watch-event.js';

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

  for (const [type, expected] of [
    ['create', 'create /log'],
    ['delete', 'delete /log'],
    ['move', 'move /log to ?'],
  ] as const) {
    test(`a ${type} that was not read takes no later one with it`, async ({ driver }) => {
      using directory = new TemporaryDirectory();
      using outside = new TemporaryDirectory();
      using watch = new PolledWatch(driver, directory.path, { types: [type] });
      for (const rotated of ['1', '2', '3']) {
        writeFileSync(directory.at('log'), '');
        if (type === 'delete') rmSync(directory.at('log'));
        else renameSync(directory.at('log'), outside.at(rotated));
      }
      assert.equal(await lines(watch, directory, 3), [expected, expected, expected]);
    });
  }

  test('what has left keeps nobody waiting who did not ask for moves', async ({ driver }) => {
    using directory = new TemporaryDirectory({ log: '' });
    using outside = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { types: ['create'] });
    renameSync(directory.at('log'), outside.at('log'));
    writeFileSync(directory.at('log'), '');
    assert.is((await watch.next({ timeout: 1 }))?.type, 'create');
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

  for (const recursive of [false, true]) {
    const kind = recursive ? 'a recursive watch' : 'a watch';
    test(`however slow its reader is, ${kind} tells of a move in one piece`, async ({ driver }) => {
      using directory = new TemporaryDirectory();
      mkdirSync(directory.at('a'));
      writeFileSync(directory.at('a/inside'), '');
      using watch = new PolledWatch(driver, directory.path, { recursive, types: ['create', 'move'] });
      const names = namesUpToSplit();
      for (const name of names) mkdirSync(directory.at(name));
      renameSync(directory.at('a'), directory.at('b'));
      await watch.next();
      work(20);
      await lines(watch, directory, names.length - 1);
      writeFileSync(directory.at('last'), '');
      assert.equal(await lines(watch, directory, 2), ['move /a to /b (directory)', 'create /last']);
    });
  }

  test('so it does where its reader asks while the second half is not read yet', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('a'));
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['move'] });
    for (const name of namesUpToSplit()) mkdirSync(directory.at(name));
    renameSync(directory.at('a'), directory.at('b'));
    const waiting = watch.next();
    work(20);
    assert.is(lineOf((await waiting) as WatchEvent), `move ${directory.at('a')} to ${directory.at('b')} (directory)`);
  });

  test('who asks again is told of what has left, though the one who asked before has given up', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    writeFileSync(directory.at('a'), '');
    using watch = new PolledWatch(driver, directory.path, { types: ['move'] });
    renameSync(directory.at('a'), outside.at('a'));
    const controller = new AbortController();
    const waiting = watch.next({ signal: controller.signal });
    controller.abort();
    await rejects(waiting, 'AbortError');
    assert.equal(await lines(watch, directory, 1), ['move /a to ?']);
  });

  test('disposal leaves no timer behind, though half of a move waits for the other', ({ driver }) => {
    using directory = new TemporaryDirectory();
    using outside = new TemporaryDirectory();
    writeFileSync(directory.at('a'), '');
    const watch = new PolledWatch(driver, directory.path);
    const timers = observeTimers(driver);
    renameSync(directory.at('a'), outside.at('a'));
    watch.next().catch(() => {});
    assert.equal(timers, { made: 1, open: 1 });
    watch[Symbol.dispose]();
    assert.is(timers.open, 0);
  });

  test('the loop turns beside a reader that always finds something', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { types: ['create'] });
    const names = namesUpToSplit();
    for (const name of names) mkdirSync(directory.at(name));
    using turns = new Turning();
    await lines(watch, directory, names.length);
    assert.ok(turns.count >= 5, `the loop turned ${turns.count} times`);
  });

  test('the loop turns beside a reader that finds nothing of what it was asked for', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    // To follow directories it is told of these changes as well.
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['closeWrite'] });
    for (let left = 2000; left > 0; left -= 1) {
      mkdirSync(directory.at('d'));
      rmdirSync(directory.at('d'));
    }
    writeFileSync(directory.at('last'), '');
    const timers = observeTimers(driver);
    using turns = new Turning();
    assert.is((await watch.next())?.type, 'closeWrite');
    assert.ok(turns.count >= 3, `the loop turned ${turns.count} times`);
    assert.is(timers.made, 0);
  });

  test('what was moved elsewhere is told of beside changes that go on and on', async ({ driver }) => {
    using elsewhere = new TemporaryDirectory();
    using directory = new TemporaryDirectory();
    writeFileSync(directory.at('moved'), '');
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['move'] });
    renameSync(directory.at('moved'), elsewhere.at('moved'));
    const telling = watch.next();
    let told = false;
    const over = (): void => {
      told = true;
    };
    telling.then(over, over);
    // More often than the time of a timer is told: it must not begin anew by each of them.
    for (const end = performance.now() + 5000; !told && performance.now() < end; ) {
      mkdirSync(directory.at('d'));
      rmdirSync(directory.at('d'));
      await new Promise(setImmediate);
    }
    assert.ok(told);
    assert.is(lineOf((await telling) as WatchEvent), `move ${directory.at('moved')} to ?`);
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

  test('everyone who waits is told that what is watched is gone', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('root'));
    using watch = new PolledWatch(driver, directory.at('root'));
    const calls = [watch.next(), watch.next(), watch.next()];
    rmdirSync(directory.at('root'));
    assert.equal(
      (await Promise.all(calls)).map((event) => event?.type),
      ['delete', undefined, undefined],
    );
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

  test('events of a type that was not asked for cause no pauses', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    for (const name of names) writeFileSync(directory.at(name), '');
    // To follow directories it is told of deletions as well.
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    using deletions = new PolledWatch(driver, directory.path, { types: ['delete'] });
    const waiting = watch.next();
    const timers = observeTimers(driver);
    for (const name of names) {
      const deletion = deletions.next();
      rmSync(directory.at(name));
      await deletion;
    }
    writeFileSync(directory.at('last'), '');
    assert.is((await waiting)?.type, 'create');
    assert.is(timers.made, 0);
  });

  test('closing the driver ends every wait, and the descriptor is closed with the object', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const watch = new PolledWatch(driver, directory.path);
    const waits = [watch.next(), watch.next({ timeout: 20_000 })];
    await driver.close();
    for (const wait of waits) await rejects(wait, 'ERR_POLYRING_CLOSED');
    await rejects(watch.next(), 'ERR_POLYRING_CLOSED');
    const before = openDescriptors();
    throws(() => new PolledWatch(driver, directory.path), 'ERR_POLYRING_CLOSED');
    assert.is(openDescriptors(), before);
    watch[Symbol.dispose]();
    assert.is(openDescriptors(), before - 1);
  });

  test('where descriptors run out it is refused at once, and one that has begun needs none', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    const file = openSync(directory.at('file'), 'w');
    let watch: PolledWatch | undefined;
    for (let free = 1; watch === undefined; free += 1) {
      using descriptors = new NoDescriptors();
      descriptors.free(free);
      try {
        watch = new PolledWatch(driver, directory.path, { types: ['modify'] });
      } catch (error) {
        assert.is((error as NodeJS.ErrnoException).code, 'EMFILE');
        assert.is(descriptors.take(), free);
        continue;
      }
      descriptors.take();
      const waiting = watch.next();
      writeSync(file, 'x');
      assert.is((await waiting)?.type, 'modify');
    }
    watch[Symbol.dispose]();
    closeSync(file);
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
    throws(() => new PolledWatch(driver, 'a\0b'), 'ERR_INVALID_ARG_VALUE');
    throws(() => new PolledWatch(driver, 7 as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => new PolledWatch(driver, '/', { types: ['birth' as never] }), 'ERR_INVALID_ARG_VALUE');
    throws(() => new PolledWatch(driver, '/', { types: [] }), 'ERR_INVALID_ARG_VALUE');
    assert.is(openDescriptors(), before);
  });
});

/** So many entries that, of what they and a move to one more place are told as, one read ends behind the move's first half. */
function namesUpToSplit(): string[] {
  return Array.from({ length: 511 }, (_, index) => `${index}`);
}

/** Keeps the thread busy for so many milliseconds. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Counts the timers that a driver makes from now on. */
function observeTimers(driver: Driver): { made: number; open: number } {
  const timers = { made: 0, open: 0 };
  const newDynTimer = driver.newDynTimer.bind(driver);
  driver.newDynTimer = () => {
    const timer = newDynTimer();
    const dispose = timer[Symbol.dispose].bind(timer);
    timers.made += 1;
    timers.open += 1;
    timer[Symbol.dispose] = () => {
      timers.open -= 1;
      dispose();
    };
    return timer;
  };
  return timers;
}

/** Counts how often the loop turns. */
class Turning implements Disposable {
  count = 0;
  #immediate = setImmediate(() => this.#turned());

  #turned(): void {
    this.count += 1;
    this.#immediate = setImmediate(() => this.#turned());
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#immediate);
  }
}
