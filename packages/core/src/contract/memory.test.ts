import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NoIoUring } from '../adapters/no-io-uring.js';
import { rejectionOf } from '../fake-driver.test-support.js';

const submitter = new NoIoUring({ name: 'fake', closed: false });

function thrownBy(fn: () => unknown): NodeJS.ErrnoException {
  try {
    fn();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('nothing was thrown');
}

test('a driver without a ring lends memory of the heap, at once and later', async () => {
  assert.equal(submitter.allocate(4).bytes, Buffer.alloc(4));
  assert.equal((await submitter.allocateAsync(4, { align: 8 })).bytes, Buffer.alloc(4));
});

test('the heap gives no more alignment than any ArrayBuffer has, and the refusal says what to do', async () => {
  const error = thrownBy(() => submitter.allocate(4, { align: 16 }));
  assert.is(error.code, 'ERR_POLYRING_UNSUPPORTED');
  assert.match(error.message, /aligned to 8 bytes, not to 16\. Ask for less, or select a backend/);
  assert.is((await rejectionOf(submitter.allocateAsync(4, { align: 512 }))).code, 'ERR_POLYRING_UNSUPPORTED');
});

test('an alignment that is none is refused', () => {
  for (const align of [0, 3, 8192]) {
    assert.is(thrownBy(() => submitter.allocate(4, { align })).code, 'ERR_OUT_OF_RANGE');
  }
  for (const align of ['8', null]) {
    assert.is(thrownBy(() => submitter.allocate(4, { align: align as never })).code, 'ERR_INVALID_ARG_TYPE');
  }
});

test('bytes that no driver lends are refused', async () => {
  for (const bytes of [0, -1, 1.5, 2 ** 31 + 1, Number.NaN]) {
    assert.is(thrownBy(() => submitter.allocate(bytes)).code, 'ERR_OUT_OF_RANGE');
  }
  assert.is((await rejectionOf(submitter.allocateAsync(0))).code, 'ERR_OUT_OF_RANGE');
  assert.is(thrownBy(() => submitter.allocate('4' as never)).code, 'ERR_INVALID_ARG_TYPE');
});

test('memory is not waited for with a signal that was aborted, or is none', async () => {
  assert.is((await rejectionOf(submitter.allocateAsync(4, { signal: AbortSignal.abort() }))).code, 'ABORT_ERR');
  assert.is((await rejectionOf(submitter.allocateAsync(4, { signal: {} as never }))).code, 'ERR_INVALID_ARG_TYPE');
});

test.run();
