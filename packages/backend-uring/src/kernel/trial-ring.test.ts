import { Errno } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Binding } from './binding.js';
import { tryRing } from './trial-ring.js';

const PAGE = 4096;
const SQE = 64;
const CQE = 16;

/** Tries a ring over a kernel that grants so many pages. The sizes of the rings that were made. */
function tryWithin(pages: number): readonly number[] {
  const made: number[] = [];
  class Ring {
    readonly error: number;

    constructor(entries: number, completionEntries: number) {
      const ringsSize = 64 + completionEntries * CQE + entries * 4;
      const needed = Math.ceil((entries * SQE) / PAGE) + Math.ceil(ringsSize / PAGE);
      this.error = needed <= pages ? 0 : Errno.ENOMEM;
      if (this.error === 0) made.push(entries);
    }

    enter(): number {
      return 0;
    }

    register(): number {
      return 0;
    }

    close(): void {}
  }
  tryRing({ Ring } as unknown as Binding);
  return made;
}

test('where there is no memory for the workers of many processors, the smallest ring tells that there may be one', () => {
  assert.equal(tryWithin(6), [256]);
  assert.equal(tryWithin(5), [64]);
  assert.equal(tryWithin(2), [64]);
});

test('memory for no ring at all is an error', () => {
  assert.throws(() => tryWithin(1), /ENOMEM/);
});

test.run();
