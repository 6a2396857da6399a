import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rejectionOf, rejects, thrownBy, throws } from './errors.js';

const coded = Object.assign(new Error('it is full'), { code: 'ENOSPC', fds: [3] });
const named = new DOMException('stop', 'AbortError');

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('what is thrown or rejected with is returned, whatever it is', async () => {
  for (const reason of [coded, named, undefined]) {
    assert.is(thrownBy(throwing(reason)), reason);
    assert.is(await rejectionOf(Promise.reject(reason)), reason);
  }
});

test('a code, a name or fields are expected, and a message', async () => {
  assert.is(throws(throwing(coded), 'ENOSPC', /full/), coded);
  assert.is(await rejects(Promise.reject(named), 'AbortError', /stop/), named);
  assert.is(throws(throwing(coded), { code: 'ENOSPC', fds: [3] }), coded);
  assert.throws(
    () => throws(throwing(coded), { code: 'ENOSPC', fds: [4] }),
    /^\[ 4 \] was expected as fds, not \[ 3 \]/,
  );
  assert.throws(() => throws(throwing(coded), 'EBADF'), /^'EBADF' was expected as code, not 'ENOSPC': it is full$/);
  assert.is(throws(throwing(coded), 'ENOSPC', 'full'), coded);
  assert.throws(() => throws(throwing(coded), 'ENOSPC', 'fall'), 'fall was expected in the message: it is full');
  assert.throws(
    () => throws(throwing(coded), 'ENOSPC', /empty/),
    /^\/empty\/ was expected in the message: it is full$/,
  );
  assert.match((await rejectionOf(rejects(Promise.reject(coded), 'EBADF'))).message, /^'EBADF' was expected/);
});

test('that nothing is thrown fails the test', async () => {
  assert.throws(() => thrownBy(() => 7), 'Nothing was thrown by () => 7: 7 was returned.');
  assert.throws(() => throws(() => 7, 'EBADF'), 'Nothing was thrown by () => 7: 7 was returned.');
  const { message } = await rejectionOf(rejectionOf(Promise.resolve('good')));
  assert.is(message, "The promise did not reject: it resolved to 'good'.");
});

test.run();
