import { Errno } from '@polyring/core';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { pipe2 } from './pipe2.js';
import { read, write } from './read-write.js';
import { tryTee } from './tee.js';

const { EAGAIN, EBADF } = Errno;

test('bytes are copied and stay, and it is told whether any can still come', () => {
  const [from, writer] = pipe2();
  const [copy, to] = pipe2();
  assert.is(tryTee(from, to, 8), EAGAIN);
  write(writer, Buffer.from('abc'));
  assert.is(tryTee(from, to, 2), 2);
  const target = Buffer.alloc(4);
  assert.is(read(copy, target), 2);
  assert.is(read(from, target), 3);
  assert.is(target.toString('latin1', 0, 3), 'abc');
  close(writer);
  assert.is(tryTee(from, to, 8), 0);
  for (const fd of [from, copy, to]) close(fd);
});

test('what cannot be is refused', () => {
  assert.is(tryTee(0x7ffffff0, 0x7ffffff0, 1), EBADF);
  throws(() => tryTee(-1, 0, 1), 'ERR_OUT_OF_RANGE');
  throws(() => tryTee(0, '1' as never, 1), 'ERR_INVALID_ARG_TYPE');
  throws(() => tryTee(0, 1, -1), 'ERR_OUT_OF_RANGE');
});

test.run();
