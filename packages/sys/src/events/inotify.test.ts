import { mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Errno } from '@polyring/core';
import { temporaryDirectory, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_IGNORED,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVE,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONESHOT,
} from '../constants/inotify.js';
import { close } from '../descriptors/close.js';
import { tryRead } from '../files/read-write.js';
import { type InotifyEvent, inotifyAddWatch, inotifyInit, inotifyRmWatch, parseInotifyEvents } from './inotify.js';

const { EAGAIN } = Errno;

function withFolder(body: (fd: number, folder: string) => void): void {
  const folder = temporaryDirectory();
  const fd = inotifyInit();
  try {
    body(fd, folder);
  } finally {
    close(fd);
  }
}

function eventsOf(fd: number): InotifyEvent[] {
  const buffer = Buffer.alloc(8192);
  const length = tryRead(fd, buffer);
  return length < 0 ? [] : parseInotifyEvents(buffer, length);
}

test('what happens in a directory is told in order, with names', () => {
  withFolder((fd, folder) => {
    const watch = inotifyAddWatch(fd, folder, IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE | IN_MOVE);
    assert.is(tryRead(fd, Buffer.alloc(512)), EAGAIN);
    const long = 'n'.repeat(255);
    writeFileSync(join(folder, 'ä'), 'text');
    mkdirSync(join(folder, 'sub'));
    renameSync(join(folder, 'ä'), join(folder, long));
    unlinkSync(join(folder, long));
    const events = eventsOf(fd);
    const told = events.map(({ watch: from, mask, name }) => [from, mask, name]);
    assert.equal(told, [
      [watch, IN_CREATE, 'ä'],
      [watch, IN_MODIFY, 'ä'],
      [watch, IN_CLOSE_WRITE, 'ä'],
      [watch, (IN_CREATE | IN_ISDIR) >>> 0, 'sub'],
      [watch, IN_MOVED_FROM, 'ä'],
      [watch, IN_MOVED_TO, long],
      [watch, IN_DELETE, long],
    ]);
    assert.is(events[4]!.cookie, events[5]!.cookie);
    assert.is.not(events[4]!.cookie, 0);
    assert.is(events[0]!.cookie, 0);
  });
});

test('what is watched itself has no name, and a watch that is taken away says so', () => {
  withFolder((fd, folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const watch = inotifyAddWatch(fd, file, IN_MODIFY);
    writeFileSync(file, 'text');
    inotifyRmWatch(fd, watch);
    assert.equal(eventsOf(fd), [
      { watch, mask: IN_MODIFY, cookie: 0, name: '' },
      { watch, mask: IN_IGNORED, cookie: 0, name: '' },
    ]);
    throws(() => inotifyRmWatch(fd, watch), 'EINVAL');
  });
});

test('a watch for one event is over after it', () => {
  withFolder((fd, folder) => {
    inotifyAddWatch(fd, folder, IN_CREATE | IN_ONESHOT);
    mkdirSync(join(folder, 'one'));
    mkdirSync(join(folder, 'two'));
    assert.equal(
      eventsOf(fd).map(({ mask }) => mask),
      [(IN_CREATE | IN_ISDIR) >>> 0, IN_IGNORED],
    );
  });
});

test('an event that was cut off at the end of the buffer is left out', () => {
  withFolder((fd, folder) => {
    inotifyAddWatch(fd, folder, IN_CREATE);
    mkdirSync(join(folder, 'one'));
    const buffer = new Uint8Array(512);
    const length = tryRead(fd, buffer, 3, 509);
    const bytes = buffer.subarray(3, 3 + length);
    assert.is(parseInotifyEvents(bytes).length, 1);
    assert.is(parseInotifyEvents(bytes, 15).length, 0);
    assert.is(parseInotifyEvents(new DataView(bytes.buffer, 3, length))[0]!.name, 'one');
  });
});

test('errors carry the path, and wrong arguments are refused', () => {
  withFolder((fd, folder) => {
    const none = join(folder, 'none');
    throws(() => inotifyAddWatch(fd, none, IN_CREATE), {
      code: 'ENOENT',
      syscall: 'inotify_add_watch',
      path: none,
    });
    throws(() => inotifyAddWatch(fd, 'a\0b', IN_CREATE), 'ERR_INVALID_ARG_VALUE');
    throws(() => inotifyAddWatch(fd, 5 as never, IN_CREATE), 'ERR_INVALID_ARG_TYPE');
    throws(() => inotifyAddWatch(fd, folder, 2 ** 32), 'ERR_OUT_OF_RANGE');
    throws(() => inotifyAddWatch(fd, folder, 0), 'EINVAL');
  });
});

test.run();
