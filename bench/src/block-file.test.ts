import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBlockFile } from './block-file.js';

test('where there is no room, it is said how much is needed and who chooses the place', () => {
  assert.throws(() => makeBlockFile('/dev/full', 512), /^\/dev needs .* 2 MiB; TMPDIR .*: ENOSPC/);
});

test.run();
