import { epollBackend } from '@polyring/backend-epoll';
import { close, tryWrite } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { QuietDescriptor } from './quiet-descriptor.js';

test('a descriptor is right that is told of when something happens to it, and at no other time', async () => {
  await using driver = epollBackend.create();
  const quiet = new QuietDescriptor(driver);
  assert.is(await quiet.check(), 0);
  assert.is(await quiet.check(), 0);
  tryWrite(quiet.fd, BigUint64Array.of(1n));
  assert.is(await quiet.check(), 1);
  assert.is(await quiet.check(), 0);
  close(quiet.fd);
});

test('a descriptor that is told of though nobody checks it is wrong', async () => {
  await using driver = epollBackend.create();
  const quiet = new QuietDescriptor(driver);
  tryWrite(quiet.fd, BigUint64Array.of(1n));
  // Another wait sees the event in the same turn, and is told after it.
  const other = new QuietDescriptor(driver);
  await other.check();
  assert.is(await quiet.check(), 1);
  close(quiet.fd);
  close(other.fd);
});

test.run();
