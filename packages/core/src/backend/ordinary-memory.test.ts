import { rejects, thrownBy, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NoIoUring } from '../adapters/no-io-uring.js';

const submitter = new NoIoUring({ name: 'fake', closed: false });

test('a driver without a ring lends memory of the heap, at once and later', async () => {
  assert.equal(submitter.allocate(4).bytes, Buffer.alloc(4));
  assert.equal((await submitter.allocateAsync(4, { align: 8 })).bytes, Buffer.alloc(4));
});

test('the heap gives no more alignment than any ArrayBuffer has, and the refusal says what to do', async () => {
  const error = thrownBy(() => submitter.allocate(4, { align: 16 }));
  assert.is(error.code, 'ERR_POLYRING_UNSUPPORTED');
  assert.match(error.message, /aligned to 8 bytes, not to 16\. Ask for less, or select a backend/);
  await rejects(submitter.allocateAsync(4, { align: 512 }), 'ERR_POLYRING_UNSUPPORTED');
});

test('an alignment that is none is refused', () => {
  for (const align of [0, 3, 8192]) {
    throws(() => submitter.allocate(4, { align }), 'ERR_OUT_OF_RANGE');
  }
  for (const align of ['8', null]) {
    throws(() => submitter.allocate(4, { align: align as never }), 'ERR_INVALID_ARG_TYPE');
  }
});

test('bytes that no driver lends are refused', async () => {
  for (const bytes of [0, -1, 1.5, 2 ** 31 + 1, Number.NaN]) {
    throws(() => submitter.allocate(bytes), 'ERR_OUT_OF_RANGE');
  }
  await rejects(submitter.allocateAsync(0), 'ERR_OUT_OF_RANGE');
  throws(() => submitter.allocate('4' as never), 'ERR_INVALID_ARG_TYPE');
});

test('memory is not waited for with a signal that was aborted, or is none', async () => {
  await rejects(submitter.allocateAsync(4, { signal: AbortSignal.abort() }), 'ABORT_ERR');
  await rejects(submitter.allocateAsync(4, { signal: {} as never }), 'ERR_INVALID_ARG_TYPE');
});

test.run();
