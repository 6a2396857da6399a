import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Activity } from './activity.js';
import { CountedLoop } from './counted-loop.test-support.js';
import { DriverHold } from './loop-hold.js';

test('an object holds while it is active, and saying so twice counts once', () => {
  const loop = new CountedLoop();
  const activity = new Activity(loop);
  activity.active = false;
  assert.is(loop.calls, 0);
  activity.active = true;
  activity.active = true;
  assert.is(loop.holds, 1);
  activity.active = false;
  activity.active = false;
  assert.is(loop.holds, 0);
});

test('an unreferenced object never holds, and referencing it while active does', () => {
  const loop = new CountedLoop();
  const activity = new Activity(loop);
  activity.unref();
  activity.unref();
  assert.is(activity.hasRef(), false);
  activity.active = true;
  assert.is(loop.holds, 0);
  activity.ref();
  activity.ref();
  assert.is(activity.hasRef(), true);
  assert.is(loop.holds, 1);
  activity.unref();
  assert.is(loop.holds, 0);
  activity.active = false;
  activity.ref();
  assert.is(loop.holds, 0);
});

test('any order of the four switches leaves the loop held only by referenced work', () => {
  const loop = new CountedLoop();
  const driver = new DriverHold(loop);
  const objects = [new Activity(driver), new Activity(driver), new Activity(driver)];
  const active = [false, false, false];
  let seed = 20_240_717;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let step = 0; step < 5_000; step += 1) {
    const index = random(3);
    const object = objects[index] as Activity;
    switch (random(6)) {
      case 0:
      case 1:
        active[index] = random(2) === 1;
        object.active = active[index] as boolean;
        break;
      case 2:
        object.ref();
        break;
      case 3:
        object.unref();
        break;
      case 4:
        driver.ref();
        break;
      default:
        driver.unref();
    }
    const atWork = objects.some((each, position) => active[position] === true && each.hasRef());
    assert.is(loop.holds, atWork && driver.hasRef() ? 1 : 0, `after step ${step}`);
  }
});

test.run();
