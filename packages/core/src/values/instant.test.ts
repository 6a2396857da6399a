import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { after, now, toTimespec } from './instant.js';

test('now is on the clock of hrtime', () => {
  // A double holds the nanoseconds of hours and days to within 4 ns.
  const before = Number(process.hrtime.bigint() - 4n) / 1e6;
  const time = now();
  const later = Number(process.hrtime.bigint() + 4n) / 1e6;
  assert.ok(time >= before, `${time} is before ${before}`);
  assert.ok(time <= later, `${time} is after ${later}`);
});

test('now never goes back', () => {
  let last = now();
  for (let index = 0; index < 10_000; index += 1) {
    const time = now();
    assert.ok(time >= last);
    last = time;
  }
});

test('after adds milliseconds to now', () => {
  const before = now();
  const at = after(250);
  assert.ok(at >= before + 250);
  assert.ok(at <= now() + 250);
});

test('a timespec is never shorter than the time it stands for', () => {
  for (const milliseconds of [0.000001, 0.0000001, 0.5, 1, 999.9999999, 1000, 86_400_000.1, 12_345_678.901234]) {
    const { seconds, nanoseconds } = toTimespec(milliseconds);
    assert.ok(Number.isInteger(seconds) && Number.isInteger(nanoseconds));
    assert.ok(nanoseconds >= 0 && nanoseconds < 1e9);
    assert.ok(seconds * 1e3 + nanoseconds / 1e6 >= milliseconds, `${milliseconds}`);
  }
});

test('a timespec carries into the seconds when the nanoseconds are rounded up to one', () => {
  assert.equal(toTimespec(999.9999999), { seconds: 1, nanoseconds: 0 });
  assert.equal(toTimespec(0.0000001), { seconds: 0, nanoseconds: 1 });
  assert.equal(toTimespec(1500), { seconds: 1, nanoseconds: 500_000_000 });
});

test('a timespec of the past is 0', () => {
  for (const milliseconds of [0, -1, -Infinity, NaN]) {
    assert.equal(toTimespec(milliseconds), { seconds: 0, nanoseconds: 0 });
  }
});

test('a timespec of a time without end is the largest', () => {
  const { seconds, nanoseconds } = toTimespec(Infinity);
  assert.is(seconds, 9e12);
  assert.is(nanoseconds, 0);
});

test.run();
