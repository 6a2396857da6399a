import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { TemporaryDirectory, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { lines } from './lines.test-support.js';
import { PolledWatch } from './polled-watch.js';
import type { WatchedType } from './watch-event.js';

/** A file system in memory, mounted until it is disposed of. */
class Mounted implements Disposable {
  readonly #path: string;
  #over = false;

  constructor(path: string) {
    this.#path = path;
    assert.is(spawnSync('mount', ['-t', 'tmpfs', 'polyring-test', path]).status, 0);
  }

  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    assert.is(spawnSync('umount', [this.#path]).status, 0);
  }
}

/** Whether this process may mount. */
function canMount(): boolean {
  using directory = new TemporaryDirectory();
  try {
    using _ = new Mounted(directory.path);
    return true;
  } catch {
    return false;
  }
}

const mayMount = canMount();
if (!mayMount) console.log('skipped: this process may not mount');

await onEveryBackend('a PolledWatch of what is unmounted', (test) => {
  test('cannot be asked for unmounts, as it tells of them always', ({ driver }) => {
    using directory = new TemporaryDirectory();
    for (const type of ['unmount', 'overflow'] as unknown as WatchedType[])
      throws(
        () => new PolledWatch(driver, directory.path, { types: [type] }),
        'ERR_INVALID_ARG_VALUE',
        'options.types',
      );
  });

  const run = mayMount ? test : test.skip;
  run('tells of the end of a file system that is watched, and ends', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using mounted = new Mounted(directory.path);
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    mkdirSync(directory.at('a'));
    assert.equal(await lines(watch, directory, 1), ['create /a (directory)']);
    mounted[Symbol.dispose]();
    assert.equal(await lines(watch, directory, 2), ['unmount ']);
  });

  run('tells of one below, and follows what it has hidden', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('above/place/hidden'), { recursive: true });
    using mounted = new Mounted(directory.at('above/place'));
    // One of them stands where another one does below.
    mkdirSync(directory.at('above/place/hidden/deep'), { recursive: true });
    mkdirSync(directory.at('above/place/other/deep'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    mounted[Symbol.dispose]();
    assert.equal(await lines(watch, directory, 2), ['unmount /above/place', 'create /above/place/hidden (directory)']);
    writeFileSync(directory.at('above/place/hidden/file'), '');
    writeFileSync(directory.at('above/file'), '');
    assert.equal(await lines(watch, directory, 2), ['create /above/place/hidden/file', 'create /above/file']);
  });
});
