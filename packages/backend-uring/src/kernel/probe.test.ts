import { Errno } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NativeRing } from './binding.js';
import { tryCalls } from './probe.js';

const { EPERM } = Errno;

function refusedCall(answers: { enter: number; register: number }): unknown {
  try {
    tryCalls({ enter: () => answers.enter, register: () => answers.register } as unknown as NativeRing);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return [code, syscall];
  }
  return undefined;
}

test('a filter that refuses one of the calls on a ring is noticed before a driver is made', () => {
  assert.is(refusedCall({ enter: 0, register: 0 }), undefined);
  assert.equal(refusedCall({ enter: EPERM, register: 0 }), ['EPERM', 'io_uring_enter']);
  assert.equal(refusedCall({ enter: 0, register: EPERM }), ['EPERM', 'io_uring_register']);
});

test.run();
