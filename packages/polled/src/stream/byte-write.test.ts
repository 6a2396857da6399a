import { Errno, isPolyringError, PolyringError } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Channel } from '../transfer/channel.js';
import type { ReadAhead } from '../transfer/read-ahead.js';
import { ByteWrite } from './byte-write.js';
import type { StreamKind } from './stream-kind.js';

const { EAGAIN } = Errno;

/** A whole write that has written so many bytes when it has to wait. */
function waitingAfter(bytes: number): ByteWrite {
  const answers = [bytes, EAGAIN];
  const kind = { calls: { write: () => answers.shift() ?? EAGAIN } } as unknown as StreamKind;
  const channel = { fd: 3, writing: { foundSome() {} } } as unknown as Channel<ReadAhead>;
  const write = new ByteWrite(channel, kind, undefined, true, Buffer.alloc(100), 0, 100);
  assert.is(write.attempt(), EAGAIN);
  return write;
}

test('an error of several writes says of each how much went before', () => {
  const shared = new PolyringError('ERR_POLYRING_RING_FAILED', 'The ring failed', { cause: new Error('why') });
  const errors = [40, 0].map((bytes) => waitingAfter(bytes).failed(shared) as PolyringError & { bytesWritten: number });
  assert.equal(
    errors.map(({ bytesWritten }) => bytesWritten),
    [40, 0],
  );
  for (const error of errors) {
    assert.instance(error, PolyringError);
    assert.ok(isPolyringError(error) && error.code === shared.code && error.message === shared.message);
    assert.is(error.cause, shared.cause);
    assert.is(error.stack, shared.stack);
  }
  assert.not('bytesWritten' in shared);
});

test.run();
