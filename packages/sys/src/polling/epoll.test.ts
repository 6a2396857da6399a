import { Errno } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
} from '../constants/epoll.js';
import { close } from '../descriptors/close.js';
import { eventfd } from '../events/eventfd.js';
import { pipe2 } from '../files/pipe2.js';
import { EPOLL_EVENT_WORDS, EPOLL_MAX_EVENTS, epollCreate, epollCtl, epollWait } from './epoll.js';

const { EBADF, EEXIST, EINVAL, ENOENT } = Errno;

test('an event carries its bits and all 64 bits of its data', () => {
  const set = epollCreate();
  const fd = eventfd(1);
  const events = new Uint32Array(2 * EPOLL_EVENT_WORDS).fill(7);
  assert.is(epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 0xfedc_ba98, 0x8765_4321), 0);
  assert.is(epollWait(set, events, 2), 1);
  assert.equal([...events], [EPOLLIN, 0xfedc_ba98, 0x8765_4321, 0, 7, 7, 7, 7]);
  assert.is(epollWait(set, events, 2), 0);
  close(fd);
  close(set);
});

test('registrations are changed and taken away, and errors are answered, not thrown', () => {
  const set = epollCreate();
  const fd = eventfd();
  const events = new Uint32Array(EPOLL_EVENT_WORDS);
  assert.is(epollCtl(set, EPOLL_CTL_MOD, fd, EPOLLOUT, 1, 0), ENOENT);
  assert.is(epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, 1, 0), 0);
  assert.is(epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, 1, 0), EEXIST);
  assert.is(epollWait(set, events, 1), 0);
  assert.is(epollCtl(set, EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLONESHOT, 2, 0), 0);
  assert.is(epollWait(set, events, 1), 1);
  assert.is(events[1], 2);
  assert.is(epollWait(set, events, 1), 0);
  assert.is(epollCtl(set, EPOLL_CTL_DEL, fd, 0, 0, 0), 0);
  assert.is(epollCtl(set, EPOLL_CTL_DEL, fd, 0, 0, 0), ENOENT);
  close(fd);
  assert.is(epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, 0, 0), EBADF);
  assert.is(epollWait(fd, events, 1), EBADF);
  close(set);
});

test('no more events are taken than asked for, or than fit', () => {
  const set = epollCreate();
  const fds = Array.from({ length: EPOLL_MAX_EVENTS + 8 }, () => eventfd(1));
  for (const [index, fd] of fds.entries()) epollCtl(set, EPOLL_CTL_ADD, fd, EPOLLIN, index, 0);
  assert.is(epollWait(set, new Uint32Array(64 * EPOLL_EVENT_WORDS), 3), 3);
  assert.is(epollWait(set, new Uint32Array(5 * EPOLL_EVENT_WORDS + 3), 100), 5);
  assert.is(epollWait(set, new Uint32Array(0), 100), EINVAL);
  const all = new Uint32Array(1024 * EPOLL_EVENT_WORDS);
  assert.is(epollWait(set, all, 1024), EPOLL_MAX_EVENTS);
  for (const fd of fds) close(fd);
  close(set);
});

test('a hang-up is reported whatever was asked for', () => {
  const set = epollCreate();
  const [readFd, writeFd] = pipe2();
  const events = new Uint32Array(EPOLL_EVENT_WORDS);
  epollCtl(set, EPOLL_CTL_ADD, readFd, 0, 0, 0);
  assert.is(epollWait(set, events, 1), 0);
  close(writeFd);
  assert.is(epollWait(set, events, 1), 1);
  assert.is(events[0], EPOLLHUP);
  close(readFd);
  close(set);
});

test('a wait with a timeout ends when it is over', () => {
  const set = epollCreate();
  const start = process.hrtime.bigint();
  assert.is(epollWait(set, new Uint32Array(EPOLL_EVENT_WORDS), 1, 5), 0);
  assert.ok(process.hrtime.bigint() - start >= 5_000_000n);
  close(set);
});

test.run();
