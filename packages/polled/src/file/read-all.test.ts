import { constants } from 'node:buffer';
import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileIo } from './file-io.js';
import { GuardedIo } from './guarded-io.js';
import { readAll } from './read-all.js';

test('what is larger than a Buffer may be, or than there is memory for, is refused, with what to do instead', async () => {
  // From Node.js 22 on a Buffer may hold more than there is an address space for.
  for (const size of [constants.MAX_LENGTH + 1, 2 ** 52]) {
    const file = new GuardedIo({ seekable: true, stat: async () => ({ size }) } as unknown as FileIo);
    const { message } = await rejects(readAll(file, { start: 0, end: Infinity }), 'ERR_OUT_OF_RANGE');
    assert.match(message, 'and there is memory for. Read a range, or with chunks()');
  }
});

test.run();
