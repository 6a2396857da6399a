import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Firings } from './firings.js';

const DUE = performance.now();

test('timers are complete when each of them has fired', () => {
  const firings = new Firings(2);
  firings.fired(1, DUE);
  assert.not(firings.isComplete);
  firings.fired(0, DUE);
  assert.ok(firings.isComplete);
  assert.is(firings.wrong, 0);
});

test('a timer that fires again is wrong, and fires for no other', () => {
  const firings = new Firings(2);
  firings.fired(0, DUE);
  firings.fired(0, DUE);
  assert.not(firings.isComplete);
  assert.is(firings.wrong, 1);
});

test('a timer that fires early is wrong', () => {
  const firings = new Firings(1);
  firings.fired(0, performance.now() + 60_000);
  assert.is(firings.wrong, 1);
});

test.run();
