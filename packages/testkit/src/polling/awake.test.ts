import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { awakeBetween } from './awake.js';

const before = { ran: 70, waited: 30, at: 1000 };

function awake(elapsed: number, ran: number, waited: number): number {
  return awakeBetween(before, { ran: before.ran + ran, waited: before.waited + waited, at: before.at + elapsed });
}

test('a thread is awake for the part of the time that it ran', () => {
  assert.is(awake(200, 10, 0), 0.05);
  assert.is(awake(200, 200, 0), 1);
});

test('waiting for a processor does not make a thread that slept one that spun, nor the other way round', () => {
  assert.is(awake(400, 10, 200), 0.05);
  assert.is(awake(800, 200, 600), 1);
});

test('a thread that waited all the time did not sleep', () => {
  assert.is(awake(200, 0, 200), 1);
  assert.is(awake(200, 0.2, 201), 1);
});

test.run();
