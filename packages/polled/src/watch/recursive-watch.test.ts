import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uringBackend } from '@polyring/backend-uring';
import { RENAME_EXCHANGE, renameat } from '@polyring/core';
import { TemporaryDirectory } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { lines } from './lines.test-support.js';
import { PolledWatch } from './polled-watch.js';

/** Creates a file in what is watched, and waits until it is told of: the paths of what was created before. */
async function createdUntil(watch: PolledWatch, path: string): Promise<string[]> {
  writeFileSync(path, '');
  const seen: string[] = [];
  for (;;) {
    const event = await watch.next({ timeout: 20_000 });
    if (event?.type !== 'create') continue;
    if (event.path === path) return seen;
    seen.push(event.path);
  }
}

await onEveryBackend('a recursive PolledWatch', (test) => {
  test('follows a relative path wherever the process goes, and tells of it as it was given', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    mkdirSync(directory.at('tree'));
    mkdirSync(elsewhere.at('tree/new/other'), { recursive: true });
    const before = process.cwd();
    process.chdir(directory.path);
    try {
      using watch = new PolledWatch(driver, 'tree', { recursive: true, types: ['create'] });
      process.chdir(elsewhere.path);
      mkdirSync(directory.at('tree/new'));
      assert.equal(await lines(watch, directory, 1), ['create tree/new (directory)']);
      mkdirSync(directory.at('tree/new/below'));
      writeFileSync(directory.at('tree/new/below/f'), '');
      assert.equal(await lines(watch, directory, 2), ['create tree/new/below (directory)', 'create tree/new/below/f']);
    } finally {
      process.chdir(before);
    }
  });

  test('watches below a path that leads through a link and back', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('real/home'), { recursive: true });
    mkdirSync(directory.at('real/below'));
    symlinkSync(directory.at('real/home'), directory.at('link'));
    using watch = new PolledWatch(driver, `${directory.path}/link/..`, { recursive: true, types: ['create'] });
    writeFileSync(directory.at('real/below/f'), '');
    assert.is((await watch.next({ timeout: 20_000 }))?.type, 'create');
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

  test('a directory is followed though it was moved with the one above before it was read of', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('draft'));
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
    mkdirSync(directory.at('draft/sub'));
    writeFileSync(directory.at('draft/sub/early'), '');
    renameSync(directory.at('draft'), directory.at('final'));
    assert.equal(await lines(watch, directory, 3), [
      'create /draft/sub (directory)',
      'move /draft to /final (directory)',
      'create /final/sub/early',
    ]);
    writeFileSync(directory.at('final/sub/late'), '');
    assert.equal(await lines(watch, directory, 1), ['create /final/sub/late']);
  });

  test('a directory is followed though another has taken its place before it was read of', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
    mkdirSync(directory.at('a'));
    renameSync(directory.at('a'), directory.at('b'));
    mkdirSync(directory.at('a'));
    assert.equal(await lines(watch, directory, 3), [
      'create /a (directory)',
      'move /a to /b (directory)',
      'create /a (directory)',
    ]);
    writeFileSync(directory.at('b/1'), '');
    writeFileSync(directory.at('a/2'), '');
    assert.equal(await lines(watch, directory, 2), ['create /b/1', 'create /a/2']);
  });

  test('what a directory holds is told of behind the end of the one before', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'delete', 'move'] });
    mkdirSync(directory.at('a'));
    rmdirSync(directory.at('a'));
    mkdirSync(directory.at('a'));
    writeFileSync(directory.at('a/f'), '');
    assert.equal((await lines(watch, directory, 5)).slice(-3), [
      'delete /a (directory)',
      'create /a (directory)',
      'create /a/f',
    ]);
    using outside = new TemporaryDirectory();
    mkdirSync(outside.at('b'));
    writeFileSync(outside.at('b/f'), '');
    mkdirSync(directory.at('b'));
    renameSync(outside.at('b'), directory.at('b'));
    assert.equal((await lines(watch, directory, 4)).slice(-2), ['move ? to /b (directory)', 'create /b/f']);
  });

  for (const [where, change, seen] of [
    ['its place', () => {}, ['create /b/x/c (directory)', 'create /b/x/c/f']],
    [
      'another place',
      (root) => renameSync(join(root, 'b/x'), join(root, 'q')),
      ['move /b/x to /q (directory)', 'create /q/c (directory)', 'create /q/c/f'],
    ],
    [
      'another place with the one above',
      (root) => renameSync(join(root, 'b'), join(root, 'q')),
      ['move /b to /q (directory)', 'create /q/x/c (directory)', 'create /q/x/c/f'],
    ],
    [
      'another place, after the one above was moved',
      (root) => {
        renameSync(join(root, 'b'), join(root, 'q'));
        renameSync(join(root, 'q/x'), join(root, 'r'));
      },
      ['move /b to /q (directory)', 'move /q/x to /r (directory)', 'create /r/c (directory)', 'create /r/c/f'],
    ],
    [
      'its place, without the one below',
      (root) => renameSync(join(root, 'b/x/c'), join(root, 'q')),
      ['move /b/x/c to /q (directory)', 'create /q/f'],
    ],
  ] as [where: string, change: (root: string) => void, seen: string[]][]) {
    test(`what a directory holds that has left and come back is told of again, though it is now at ${where}`, async ({
      driver,
    }) => {
      using directory = new TemporaryDirectory();
      using outside = new TemporaryDirectory();
      mkdirSync(directory.at('b'));
      mkdirSync(outside.at('x/c'), { recursive: true });
      writeFileSync(outside.at('x/c/f'), '');
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
      renameSync(outside.at('x'), directory.at('b/x'));
      renameSync(directory.at('b/x'), outside.at('x'));
      renameSync(outside.at('x'), directory.at('b/x'));
      assert.equal(await lines(watch, directory, 3), [
        'move ? to /b/x (directory)',
        'create /b/x/c (directory)',
        'create /b/x/c/f',
      ]);
      change(directory.path);
      assert.equal(await lines(watch, directory, 2 + seen.length), [
        'move /b/x to ? (directory)',
        'move ? to /b/x (directory)',
        ...seen,
      ]);
    });
  }

  // `node:fs` cannot exchange, a ring can.
  if (uringBackend.availability().available) {
    test('directories that are exchanged are moved, whatever they hold', async ({ driver }) => {
      using directory = new TemporaryDirectory();
      for (const name of ['a', 'b']) {
        mkdirSync(directory.at(name, 'below'), { recursive: true });
        writeFileSync(directory.at(name, 'below/f'), '');
      }
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create', 'move'] });
      const ring = uringBackend.create();
      for (const holds of ['1', '2', '3']) {
        await ring.ioUringSubmit(renameat(directory.at('a'), directory.at('b'), { flags: RENAME_EXCHANGE }));
        assert.equal(await lines(watch, directory, 2), ['move /a to /b (directory)', 'move /b to /a (directory)']);
        for (const name of ['a', 'b']) writeFileSync(directory.at(name, 'below', holds), '');
        assert.equal(await lines(watch, directory, 2), [`create /a/below/${holds}`, `create /b/below/${holds}`]);
      }
      await ring.close();
    });
  }

  test('follows a directory that comes into one that has just come', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('a/b'), { recursive: true });
    using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
    mkdirSync(directory.at('new'));
    renameSync(directory.at('a'), directory.at('new/a'));
    await createdUntil(watch, directory.at('told'));
    writeFileSync(directory.at('new/a/b/f'), '');
    assert.equal(await lines(watch, directory, 1), ['create /new/a/b/f']);
  });

  test('follows every directory by its path, whatever was done to the tree before it was read of', async ({
    driver,
  }) => {
    const random = randomNumbers(1);
    for (let round = 0; round < 12; round += 1) {
      using directory = new TemporaryDirectory();
      using outside = new TemporaryDirectory();
      using watch = new PolledWatch(driver, directory.path, { recursive: true, types: ['create'] });
      for (let look = 0; look < 4; look += 1) {
        for (let left = random(6); left > 0; left -= 1) changeTree(directory.path, outside.path, random);
        await createdUntil(watch, directory.at(`look ${look}`));
      }
      for (const path of directoriesOf(outside.path)) writeFileSync(join(path, 'probe'), '');
      const probes = directoriesOf(directory.path).map((path) => join(path, 'probe'));
      for (const probe of probes) writeFileSync(probe, '');
      assert.equal(await createdUntil(watch, directory.at('last')), probes, `round ${round}`);
    }
  });

  test('a deep tree takes not much longer than a flat one of as many directories', ({ driver }) => {
    using deep = new TemporaryDirectory();
    using flat = new TemporaryDirectory();
    const names = Array.from({ length: 500 }, () => 'd');
    mkdirSync(deep.at(names.join('/')), { recursive: true });
    for (const index of names.keys()) mkdirSync(flat.at(String(index)));
    const [first = 0, second = 0] = [flat, deep].map((directory) => {
      const start = performance.now();
      new PolledWatch(driver, directory.path, { recursive: true })[Symbol.dispose]();
      return performance.now() - start;
    });
    // Each path in it is 500 bytes on average.
    assert.ok(second < 30 * first + 100, `${second} ms, and ${first} ms`);
  });

  test('follows the directories below a link', async ({ driver }) => {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.at('root/below'), { recursive: true });
    symlinkSync(directory.at('root'), directory.at('link'));
    using watch = new PolledWatch(driver, directory.at('link'), { recursive: true, types: ['create'] });
    writeFileSync(directory.at('root/below/f'), '');
    assert.equal(await lines(watch, directory, 1), ['create /link/below/f']);
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
});

/** Numbers below a limit, the same ones every time. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % limit;
  };
}

/** A directory and all below it. */
function directoriesOf(path: string): string[] {
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [path, ...below.flatMap(({ name }) => directoriesOf(join(path, name)))];
}

/** Makes, moves or removes a directory, if what was chosen can be done. */
function changeTree(root: string, outside: string, random: (limit: number) => number): void {
  const one = (paths: readonly string[]): string => paths[random(paths.length)] ?? join(root, 'none');
  const inside = one(directoriesOf(root).slice(1));
  const place = join(one(directoriesOf(root)), one(['a', 'b', 'c']));
  const changes = [
    () => mkdirSync(place),
    () => mkdirSync(join(place, 'x/y'), { recursive: true }),
    () => renameSync(inside, place),
    () => rmSync(inside, { recursive: true }),
    () => renameSync(inside, join(outside, one(['1', '2', '3']))),
    () => renameSync(one(directoriesOf(outside).slice(1)), place),
  ];
  try {
    changes[random(changes.length)]?.();
  } catch {
    // There is none to choose, or it cannot be moved into itself.
  }
}
