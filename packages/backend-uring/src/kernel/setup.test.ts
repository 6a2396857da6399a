import { Errno } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Binding } from './binding.js';
import { setupRing } from './setup.js';

/** Sets a ring up over an addon that gives these errors, one for each attempt. */
function setUp(...errors: readonly number[]): { attempts: number; error: number | string | undefined } {
  let attempts = 0;
  class Ring {
    readonly error = errors[attempts++];
  }
  try {
    return { error: setupRing({ Ring } as unknown as Binding, { entries: 1, completionEntries: 2 }).error, attempts };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code, attempts };
  }
}

test('memory that the kernel has not let go of yet is waited for', () => {
  assert.equal(setUp(Errno.ENOMEM, Errno.ENOMEM, 0), { error: 0, attempts: 3 });
});

test('memory that does not come is an error', () => {
  assert.equal(setUp(...new Array(20).fill(Errno.ENOMEM)), { error: 'ENOMEM', attempts: 6 });
});

test('flags that the kernel does not know are left away, and any other error is one at once', () => {
  assert.equal(setUp(Errno.EINVAL, 0), { error: 0, attempts: 2 });
  assert.equal(setUp(Errno.EINVAL, Errno.EINVAL, 0), { error: 'EINVAL', attempts: 2 });
  assert.equal(setUp(Errno.EPERM, 0), { error: 'EPERM', attempts: 1 });
});

test.run();
