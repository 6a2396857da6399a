import { PollEvents, pollMultishot } from '@polyring/core';
import { close, eventfd, socketpair } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

test('what is no sink is refused, and nothing is held for it', async () => {
  const driver = uringBackend.create();
  const event = eventfd();
  const [socket, peer] = socketpair({ type: 'stream' });
  const entry = pollMultishot(event, PollEvents.IN);
  const nothing = (): void => {};
  for (const [sink, name] of [
    [undefined, 'sink'],
    [null, 'sink'],
    [nothing, 'sink'],
    [{}, 'sink.completed'],
    [{ completed: nothing, ended: 5 }, 'sink.ended'],
  ] as const) {
    assert.throws(() => driver.ioUring.multishotInto(entry, sink as never), refusalOf(name));
  }
  for (const [sink, name] of [
    [undefined, 'sink'],
    [{}, 'sink.sent'],
    [{ sent: nothing }, 'sink.failed'],
  ] as const) {
    assert.throws(() => driver.ioUring.sender(socket, sink as never), refusalOf(name));
  }
  assert.is(entry.owner, undefined);
  await driver.close();
  for (const fd of [event, socket, peer]) close(fd);
});

function refusalOf(name: string): (error: NodeJS.ErrnoException) => boolean {
  return ({ code, message }) => code === 'ERR_INVALID_ARG_TYPE' && message.includes(`"${name}"`);
}

runWhereGranted(test);
