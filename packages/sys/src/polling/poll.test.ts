import { now, PollEvents } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { eventfd } from '../events/eventfd.js';
import { pipe2 } from '../files/pipe2.js';
import { write } from '../files/read-write.js';
import { socketpair } from '../sockets/socketpair.js';
import { POLL_ENTRY_WORDS, POLLNVAL, poll } from './poll.js';

const { IN, OUT, HUP, RDHUP } = PollEvents;

test('each entry reports what holds of what it asked for', () => {
  const empty = eventfd();
  const full = eventfd(1);
  const entries = Int32Array.of(empty, IN, -1, full, IN, -1, full, IN | OUT, -1, empty, OUT, -1);
  assert.is(poll(entries), 3);
  assert.equal([...entries], [empty, IN, 0, full, IN, IN, full, IN | OUT, IN | OUT, empty, OUT, OUT]);
  write(empty, BigUint64Array.of(1n));
  assert.is(poll(entries), 4);
  assert.is(entries[2], IN);
  close(empty);
  close(full);
});

test('a hang-up is reported unasked, a half-close to who asks for it', () => {
  const [readFd, writeFd] = pipe2();
  close(writeFd);
  const [end, peer] = socketpair();
  close(peer);
  const entries = Int32Array.of(readFd, 0, 0, end, RDHUP, 0, end, 0, 0);
  assert.is(poll(entries), 3);
  assert.equal([entries[2], entries[5], entries[8]], [HUP, HUP | RDHUP, HUP]);
  close(readFd);
  close(end);
});

test('a negative descriptor is passed over, and a closed one reports POLLNVAL', () => {
  const fd = eventfd(1);
  close(fd);
  const entries = Int32Array.of(-1, IN, 7, fd, IN, 7, -fd, IN, 7);
  assert.is(poll(entries), 1);
  assert.equal([entries[2], entries[5], entries[8]], [0, POLLNVAL, 0]);
});

test('it waits for an event, for a fraction of a millisecond too, and never ends early', () => {
  const fd = eventfd();
  const entries = Int32Array.of(fd, IN, 0);
  for (const milliseconds of [0.3, 1.25, 5]) {
    const start = now();
    assert.is(poll(entries, milliseconds), 0);
    assert.ok(now() >= start + milliseconds);
  }
  write(fd, BigUint64Array.of(1n));
  assert.is(poll(entries, 60_000), 1);
  assert.is(poll(entries, -1), 1);
  assert.is(poll(new Int32Array(0)), 0);
  close(fd);
});

test('a thousand entries are taken at once, and words beyond the last whole entry are left alone', () => {
  const fd = eventfd(1);
  const entries = new Int32Array(1000 * POLL_ENTRY_WORDS + 2).fill(9);
  for (let at = 0; at < 1000 * POLL_ENTRY_WORDS; at += POLL_ENTRY_WORDS)
    entries.set([fd, at % 2 === 0 ? IN : 0, 0], at);
  assert.is(poll(entries), 500);
  assert.equal([...entries.subarray(-2)], [9, 9]);
  close(fd);
});

test.run();
