import { fstatSync, ftruncateSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { fdKind } from '../descriptors/fd-kind.js';
import { memfdCreate } from './memfd.js';

test('a file in memory is a file with a name of its own', () => {
  const fd = memfdCreate('scratch');
  assert.is(fdKind(fd), 'file');
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), '/memfd:scratch');
  writeSync(fd, 'content');
  ftruncateSync(fd, 4096);
  const target = Buffer.alloc(7);
  readSync(fd, target, 0, 7, 0);
  assert.is(target.toString(), 'content');
  assert.is(fstatSync(fd).size, 4096);
  close(fd);
});

test('a name that is too long or has null bytes is refused', () => {
  close(memfdCreate('x'.repeat(249), { allowSealing: true }));
  throws(() => memfdCreate('x'.repeat(250)), 'ERR_OUT_OF_RANGE');
  throws(() => memfdCreate('a\0b'), 'ERR_INVALID_ARG_VALUE');
  throws(() => memfdCreate(5 as never), 'ERR_INVALID_ARG_TYPE');
});

test.run();
