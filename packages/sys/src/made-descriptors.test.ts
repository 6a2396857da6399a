import { after, Errno, type Instant, now } from '@polyring/core';
import { isCloseOnExec, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from './descriptors/close.js';
import { dup } from './descriptors/dup.js';
import { fdKind } from './descriptors/fd-kind.js';
import { isNonblocking, setNonblocking } from './descriptors/status-flags.js';
import { type EventfdOptions, eventfd } from './events/eventfd.js';
import { timerfd, timerfdSettime } from './events/timerfd.js';
import { pipe2 } from './files/pipe2.js';
import { read, tryRead, write } from './files/read-write.js';
import { socketpair } from './sockets/socketpair.js';

const { EAGAIN } = Errno;

function count(fd: number): bigint | number {
  const value = new BigUint64Array(1);
  const result = tryRead(fd, value);
  return result < 0 ? result : value[0]!;
}

function counted(initial: number | bigint, options?: EventfdOptions, times = 2): (bigint | number)[] {
  const fd = eventfd(initial, options);
  const values = Array.from({ length: times }, () => count(fd));
  close(fd);
  return values;
}

test('an eventfd starts at its initial count, of up to 64 bits', () => {
  assert.equal(counted(0, {}, 1), [EAGAIN]);
  assert.equal(counted(7), [7n, EAGAIN]);
  assert.equal(counted(0xffff_ffff), [0xffff_ffffn, EAGAIN]);
  assert.equal(counted(2 ** 40), [2n ** 40n, EAGAIN]);
  assert.equal(counted(2n ** 64n - 2n), [2n ** 64n - 2n, EAGAIN]);
  for (const wrong of [-1, 1.5, 2n ** 64n - 1n, -1n]) {
    throws(() => eventfd(wrong), 'ERR_OUT_OF_RANGE');
  }
});

test('a semaphore gives one at a time', () => {
  assert.equal(counted(2, { semaphore: true }, 3), [1n, 1n, EAGAIN]);
});

test('every descriptor is close-on-exec, and non-blocking unless asked otherwise', () => {
  for (const nonblock of [undefined, true, false]) {
    const options = { nonblock };
    const fds = [eventfd(0, options), timerfd(options), ...pipe2(options), ...socketpair(options)];
    for (const fd of fds) {
      assert.ok(isCloseOnExec(fd));
      assert.is(isNonblocking(fd), nonblock ?? true);
      close(fd);
    }
  }
});

test('O_NONBLOCK is set and cleared, for duplicates as well', () => {
  const fd = eventfd();
  const copy = dup(fd);
  assert.ok(isCloseOnExec(copy));
  setNonblocking(fd, false);
  assert.is(isNonblocking(copy), false);
  setNonblocking(copy);
  assert.is(isNonblocking(fd), true);
  write(copy, BigUint64Array.of(3n));
  close(copy);
  assert.is(count(fd), 3n);
  close(fd);
});

test('a timerfd is never early, and one set to the past expires at once', () => {
  const fd = timerfd({ nonblock: false });
  for (const delay of [0, 0.3, 2.7]) {
    const at = after(delay);
    timerfdSettime(fd, { at });
    read(fd, new BigUint64Array(1));
    assert.ok(now() >= at);
  }
  for (const at of [-5 as Instant, 1 as Instant]) {
    timerfdSettime(fd, { at });
    assert.is(count(fd), 1n);
  }
  close(fd);
});

test('a timerfd repeats at its interval, and 0 disarms it', () => {
  const fd = timerfd({ nonblock: false });
  const at = now();
  timerfdSettime(fd, { at, interval: 0.5 });
  let expiries = 0n;
  while (expiries < 5n) expiries += count(fd) as bigint;
  assert.ok(now() - at >= 2);
  timerfdSettime(fd, { at: 0, interval: undefined });
  setNonblocking(fd);
  assert.is(count(fd), EAGAIN);
  close(fd);
});

test('a setting that is no time is refused, and a descriptor that is no timerfd is EINVAL', () => {
  const fd = eventfd();
  throws(() => timerfdSettime(fd, { at: NaN as Instant }), 'ERR_OUT_OF_RANGE');
  throws(() => timerfdSettime(fd, {} as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => timerfdSettime(fd, { at: now(), interval: -1 }), 'ERR_OUT_OF_RANGE');
  throws(() => timerfdSettime(fd, { at: now() }), 'EINVAL');
  close(fd);
});

test('the ends of a socket pair are connected, whatever their type', () => {
  for (const type of ['stream', 'dgram', 'seqpacket'] as const) {
    const [left, right] = socketpair({ type });
    assert.is(fdKind(left), 'socket');
    write(left, Buffer.from('ping'));
    const target = Buffer.alloc(8);
    assert.is(read(right, target), 4);
    close(left);
    close(right);
  }
  throws(() => socketpair({ type: 'rdm' as never }), 'ERR_INVALID_ARG_VALUE');
});

test.run();
