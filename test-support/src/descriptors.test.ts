import { closeSync, openSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isCloseOnExec, openDescriptors, openDescriptorsTo } from './descriptors.js';

test('descriptors are counted, and found by what they lead to', () => {
  const before = openDescriptors();
  const fd = openSync('/dev/full', 'r');
  assert.is(openDescriptors(), before + 1);
  assert.equal(openDescriptorsTo('/dev/full'), [fd]);
  assert.ok(isCloseOnExec(fd));
  assert.equal(openDescriptorsTo(/full$/), [fd]);
  closeSync(fd);
  assert.is(openDescriptors(), before);
  assert.equal(openDescriptorsTo('/dev/full'), []);
});

test.run();
