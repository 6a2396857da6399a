import {
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  AT_SYMLINK_NOFOLLOW,
  IORING_OP_LINKAT,
  IORING_OP_MKDIRAT,
  IORING_OP_OPENAT,
  IORING_OP_OPENAT2,
  IORING_OP_RENAMEAT,
  IORING_OP_STATX,
  IORING_OP_SYMLINKAT,
  IORING_OP_UNLINKAT,
  linkat,
  mkdirat,
  openat,
  openat2,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  renameat,
  StatxResult,
  statx,
  symlinkat,
  unlinkat,
} from '@polyring/core';
import { isCloseOnExec } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { opcodeSuite } from './opcode-suite.test-support.js';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, O_DIRECTORY } = constants;

const suite = opcodeSuite('opcodes of paths');

suite.covers([IORING_OP_OPENAT], 'a file is opened by text, bytes and URL, and made', async (context) => {
  const { submit, fails, opened, path } = context;
  writeFileSync(path('ünïcode'), 'content');
  for (const name of [path('ünïcode'), Buffer.from(path('ünïcode')), pathToFileURL(path('ünïcode'))]) {
    const fd = opened(await submit(openat(name, O_RDONLY)));
    assert.is(readFileSync(fd, 'utf8'), 'content');
    assert.ok(isCloseOnExec(fd));
  }
  const made = opened(await submit(openat(path('made'), O_CREAT | O_EXCL | O_RDWR, { mode: 0o600 })));
  assert.is(fstatSync(made).mode & 0o777, 0o600);
  const exists = await fails(openat(path('made'), O_CREAT | O_EXCL | O_RDWR), 'EEXIST');
  assert.is(exists.path, path('made'));
  assert.is(exists.syscall, 'openat');
  assert.is(exists.message, `EEXIST: file already exists, openat '${path('made')}'`);
  const missing = await fails(openat(path('missing'), O_RDONLY, { async: true }), 'ENOENT');
  assert.is(missing.fd, undefined);
});

suite.covers([IORING_OP_OPENAT], 'a relative path starts at a directory', async (context) => {
  const { submit, fails, opened, path, directory } = context;
  writeFileSync(path('file'), 'content');
  const dirfd = opened(openSync(directory, O_RDONLY | O_DIRECTORY));
  const fd = opened(await submit(openat('file', O_RDONLY, { dirfd })));
  assert.is(readFileSync(fd, 'utf8'), 'content');
  await fails(openat('no such file', O_RDONLY), 'ENOENT');
});

suite.covers([IORING_OP_OPENAT2], 'openat2 says how a path is followed', async (context) => {
  const { submit, fails, opened, path, directory } = context;
  writeFileSync(path('file'), 'content');
  symlinkSync('file', path('link'));
  const dirfd = opened(openSync(directory, O_RDONLY | O_DIRECTORY));
  const fd = opened(await submit(openat2('link', O_RDONLY, { dirfd, resolve: RESOLVE_BENEATH })));
  assert.is(readFileSync(fd, 'utf8'), 'content');
  assert.ok(isCloseOnExec(fd));
  const made = opened(await submit(openat2('made', O_CREAT | O_WRONLY, { dirfd, mode: 0o640 })));
  assert.is(fstatSync(made).mode & 0o700, 0o600);
  await fails(openat2('link', O_RDONLY, { dirfd, resolve: RESOLVE_NO_SYMLINKS }), 'ELOOP');
  const outside = await fails(openat2('../x', O_RDONLY, { dirfd, resolve: RESOLVE_BENEATH }), 'EXDEV');
  assert.is(outside.path, '../x');
});

suite.covers([IORING_OP_STATX], 'statx tells what fs.stat tells', async (context) => {
  const { submit, fails, opened, path, directory } = context;
  writeFileSync(path('file'), Buffer.alloc(12_345));
  symlinkSync('file', path('link'));
  const result = new StatxResult();
  assert.is(await submit(statx(path('link'), result)), 0);
  const stats = statSync(path('file'));
  for (const field of ['dev', 'ino', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'size', 'blksize', 'blocks'] as const) {
    assert.is(result[field], stats[field], field);
  }
  const exact = statSync(path('file'), { bigint: true });
  assert.is(result.mtimeNs, exact.mtimeNs);
  assert.is(result.ctimeNs, exact.ctimeNs);
  assert.is(Math.floor(result.atimeMs), Math.floor(stats.atimeMs));
  assert.ok(result.isFile() && !result.isDirectory() && !result.isSymbolicLink());
  await submit(statx(path('link'), result, { flags: AT_SYMLINK_NOFOLLOW }));
  assert.ok(result.isSymbolicLink());
  assert.is(result.ino, lstatSync(path('link')).ino);
  await submit(statx(directory, result));
  assert.ok(result.isDirectory());
  await submit(statx('/dev/null', result));
  assert.ok(result.isCharacterDevice());
  assert.is(result.rdev, statSync('/dev/null').rdev);
  const fd = opened(openSync(path('file'), 'r'));
  await submit(statx({ fd }, result));
  assert.is(result.size, 12_345);
  const missing = await fails(statx(path('missing'), result), 'ENOENT');
  assert.is(missing.path, path('missing'));
  assert.is(result.size, 12_345, 'a failure leaves the result');
});

suite.covers([IORING_OP_UNLINKAT], 'names and empty directories are removed', async ({ submit, fails, path }) => {
  writeFileSync(path('file'), '');
  mkdirSync(path('directory'));
  assert.is(await submit(unlinkat(path('file'))), 0);
  assert.not(existsSync(path('file')));
  await fails(unlinkat(path('directory')), 'EISDIR');
  assert.is(await submit(unlinkat(path('directory'), { directory: true })), 0);
  assert.not(existsSync(path('directory')));
});

suite.covers([IORING_OP_RENAMEAT], 'files are renamed and exchanged', async (context) => {
  const { submit, fails, opened, path, directory } = context;
  writeFileSync(path('one'), '1');
  writeFileSync(path('two'), '2');
  const dirfd = opened(openSync(directory, O_RDONLY | O_DIRECTORY));
  const exists = await fails(renameat(path('one'), path('two'), { flags: RENAME_NOREPLACE }), 'EEXIST');
  assert.is(exists.path, path('one'));
  assert.is(exists.dest, path('two'));
  assert.match(exists.message, /renameat '.*one' -> '.*two'$/);
  assert.is(await submit(renameat('one', 'two', { oldDirfd: dirfd, newDirfd: dirfd, flags: RENAME_EXCHANGE })), 0);
  assert.is(readFileSync(path('one'), 'utf8'), '2');
  assert.is(await submit(renameat(path('one'), path('three'))), 0);
  assert.not(existsSync(path('one')));
  assert.is(readFileSync(path('three'), 'utf8'), '2');
});

suite.covers([IORING_OP_MKDIRAT], 'a directory is made', async ({ submit, fails, path }) => {
  assert.is(await submit(mkdirat(path('directory'), { mode: 0o700 })), 0);
  assert.ok(statSync(path('directory')).isDirectory());
  assert.is(statSync(path('directory')).mode & 0o777, 0o700);
  await fails(mkdirat(path('directory')), 'EEXIST');
});

suite.covers([IORING_OP_SYMLINKAT], 'a symbolic link says what it was told', async ({ submit, fails, path }) => {
  assert.is(await submit(symlinkat('somewhere/else', path('link'))), 0);
  assert.is(readlinkSync(path('link')), 'somewhere/else');
  const error = await fails(symlinkat('x', path('link')), 'EEXIST');
  assert.is(error.dest, path('link'));
});

suite.covers([IORING_OP_LINKAT], 'a hard link is another name of the file', async (context) => {
  const { driver, submit, fails, path } = context;
  writeFileSync(path('file'), 'content');
  symlinkSync('file', path('link'));
  assert.is(await submit(linkat(path('file'), path('second'))), 0);
  assert.is(statSync(path('second')).ino, statSync(path('file')).ino);
  const following = linkat(path('link'), path('third'), { follow: true });
  const [followed] = await driver.submitMany([following]);
  // Linux 6.7, which has that feature, takes the flags of links, and so do older ones that were mended.
  if (driver.ioUring.features.readMultishot || followed?.status === 'fulfilled') {
    assert.equal(followed, { status: 'fulfilled', value: 0 });
    assert.is(lstatSync(path('third')).ino, statSync(path('file')).ino);
  } else {
    await fails(following, 'EINVAL');
  }
  await fails(linkat(path('file'), path('second')), 'EEXIST');
});

suite.run();
