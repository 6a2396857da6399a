import { getEventListeners } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortListeners } from './abort-listeners.js';

function setup(): { listeners: AbortListeners<string>; told: string[]; controller: AbortController; count(): number } {
  const told: string[] = [];
  const controller = new AbortController();
  return {
    listeners: new AbortListeners((each) => told.push(each)),
    told,
    controller,
    count: () => getEventListeners(controller.signal, 'abort').length,
  };
}

test('all who wait with a signal are told when it aborts, in their order', () => {
  const { listeners, told, controller } = setup();
  for (const each of ['one', 'two', 'three']) listeners.add(controller.signal, each);
  controller.abort();
  assert.equal(told, ['one', 'two', 'three']);
});

test('a signal has one listener, whoever waits with it, and none when nobody does', () => {
  const { listeners, controller, count } = setup();
  const { signal } = controller;
  const all = Array.from({ length: 1000 }, (_, index) => String(index));
  for (const each of all) listeners.add(signal, each);
  assert.is(count(), 1);
  for (const each of all) listeners.remove(signal, each);
  assert.is(count(), 0);
  listeners.add(signal, 'again');
  assert.is(count(), 1);
});

test('who has left is not told, and neither is who leaves while others are', () => {
  const told: string[] = [];
  const { signal, abort } = abortable();
  const listeners: AbortListeners<string> = new AbortListeners((each) => {
    told.push(each);
    listeners.remove(signal, 'three');
  });
  for (const each of ['one', 'two', 'three']) listeners.add(signal, each);
  listeners.remove(signal, 'one');
  abort();
  assert.equal(told, ['two']);
});

test('a signal that has aborted keeps nobody', () => {
  const { listeners, told, controller, count } = setup();
  for (const each of ['one', 'two']) listeners.add(controller.signal, each);
  controller.signal.dispatchEvent(new Event('abort'));
  assert.is(count(), 0);
  listeners.add(controller.signal, 'three');
  assert.is(count(), 1, 'the first since');
  controller.abort();
  assert.equal(told, ['one', 'two', 'three']);
});

test('who throws keeps nobody from being told, and is an uncaught exception', async () => {
  const told: string[] = [];
  const { signal, abort } = abortable();
  const listeners: AbortListeners<string> = new AbortListeners((each) => {
    if (each === 'one') throw new Error('thrown by one');
    told.push(each);
  });
  for (const each of ['one', 'two']) listeners.add(signal, each);
  const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
  abort();
  assert.equal(told, ['two']);
  assert.is((await uncaught).message, 'thrown by one');
});

test('signals are apart', () => {
  const { listeners, told, controller } = setup();
  const other = new AbortController();
  listeners.add(controller.signal, 'mine');
  listeners.add(other.signal, 'yours');
  other.abort();
  assert.equal(told, ['yours']);
});

test('to remove who does not wait changes nothing', () => {
  const { listeners, controller, count } = setup();
  listeners.remove(controller.signal, 'nobody');
  listeners.add(controller.signal, 'somebody');
  listeners.remove(controller.signal, 'nobody');
  assert.is(count(), 1);
});

function abortable(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

test.run();
