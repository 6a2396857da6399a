import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CountedLoop } from './counted-loop.test-support.js';
import { DriverHold } from './loop-hold.js';

test('a driver holds the loop once, however many of its objects are at work', () => {
  const loop = new CountedLoop();
  const driver = new DriverHold(loop);
  assert.is(driver.hasRef(), true);
  driver.hold();
  driver.hold();
  assert.is(loop.holds, 1);
  driver.release();
  assert.is(loop.holds, 1);
  driver.release();
  assert.is(loop.holds, 0);
  assert.is(loop.calls, 2);
});

test('an unreferenced driver lets the loop go while objects are at work, and takes it again', () => {
  const loop = new CountedLoop();
  const driver = new DriverHold(loop);
  driver.hold();
  driver.unref();
  driver.unref();
  assert.is(driver.hasRef(), false);
  assert.is(loop.holds, 0);
  driver.hold();
  driver.release();
  assert.is(loop.holds, 0);
  driver.ref();
  driver.ref();
  assert.is(driver.hasRef(), true);
  assert.is(loop.holds, 1);
  driver.release();
  assert.is(loop.holds, 0);
});

test('an idle driver does not touch the loop when it is unreferenced and referenced', () => {
  const loop = new CountedLoop();
  const driver = new DriverHold(loop);
  driver.unref();
  driver.ref();
  assert.is(loop.calls, 0);
});

test.run();
