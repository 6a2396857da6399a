import { fstatSync } from 'node:fs';
import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { misalignment } from '../arguments/view-range.js';
import { close } from '../descriptors/close.js';
import { fallocate } from './fallocate.js';
import { memfdCreate } from './memfd.js';

test('fallocate makes a file as long as asked', async () => {
  const fd = memfdCreate('fallocate');
  await fallocate(fd, 0, 4096, 8192);
  assert.is(fstatSync(fd).size, 12288);
  close(fd);
});

test('a refusal of fallocate is told in the form of Node', async () => {
  await rejects(fallocate(0x7ffffff0, 0, 0, 1), { code: 'EBADF', syscall: 'fallocate' });
  assert.throws(() => fallocate(1, 0, -1, 1), /"offset"/);
  assert.throws(() => fallocate(1, 0, 0, 0), /"length"/);
});

test('the misalignment of a view is what lies between it and the page below', () => {
  const bytes = new Uint8Array(16384);
  const start = misalignment(bytes, 4096);
  assert.is(misalignment(bytes.subarray(4096 - start), 4096), 0);
  assert.is(misalignment(bytes.subarray(4096 - start + 7), 4096), 7);
});

test.run();
