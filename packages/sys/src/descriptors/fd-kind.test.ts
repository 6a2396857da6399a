import { closeSync, openSync } from 'node:fs';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventfd } from '../events/eventfd.js';
import { pipe2 } from '../files/pipe2.js';
import { epollCreate } from '../polling/epoll.js';
import { socketpair } from '../sockets/socketpair.js';
import { close } from './close.js';
import { checkSocket, fdKind } from './fd-kind.js';
import { checkPollable } from './pollable.js';

const [readFd, writeFd] = pipe2();
const [left, right] = socketpair();
const event = eventfd();
const set = epollCreate();
const file = openSync('/proc/self/exe', 'r');
const directory = openSync('/', 'r');
const device = openSync('/dev/null', 'r');
const mounts = openSync('/proc/self/mounts', 'r');
const closed = epollCreate();
close(closed);

test('the kind of a descriptor is told from its file', () => {
  assert.is(fdKind(readFd), 'fifo');
  assert.is(fdKind(left), 'socket');
  assert.is(fdKind(event), 'anonymous');
  assert.is(fdKind(set), 'anonymous');
  assert.is(fdKind(file), 'file');
  assert.is(fdKind(directory), 'directory');
  assert.is(fdKind(device), 'character');
  throws(() => fdKind(closed), { code: 'EBADF', syscall: 'fstat', fd: closed });
});

test('what the kernel can poll is asked by trial, not by type', () => {
  for (const fd of [readFd, writeFd, left, event, set]) checkPollable(fd);
  assert.is(fdKind(mounts), 'file');
  checkPollable(mounts);
  for (const fd of [file, directory, device]) {
    throws(() => checkPollable(fd), { code: 'EPERM', syscall: 'epoll_ctl', fd });
  }
  throws(() => checkPollable(closed, 'poll'), { code: 'EBADF', syscall: 'poll', fd: closed });
});

test('a socket is told from other descriptors', () => {
  checkSocket(left);
  throws(() => checkSocket(event), { code: 'ENOTSOCK', syscall: 'getsockopt', fd: event });
  throws(() => checkSocket(closed), { code: 'EBADF', syscall: 'getsockopt', fd: closed });
});

test('asking leaves no descriptor behind', () => {
  const next = epollCreate();
  close(next);
  checkPollable(event);
  throws(() => checkPollable(file), 'EPERM');
  const again = epollCreate();
  close(again);
  assert.is(again, next);
});

test.after(() => {
  for (const fd of [file, directory, device, mounts]) closeSync(fd);
  for (const fd of [readFd, writeFd, left, right, event, set]) close(fd);
});

test.run();
