import { constants, fstatSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, closeInPool } from '../descriptors/close.js';
import { openInPool } from '../descriptors/open.js';
import { append } from '../files/append.js';
import { memfdCreate } from '../files/memfd.js';
import { write } from '../files/read-write.js';

async function refusal(promise: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  try {
    await promise;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('It was not refused.');
}

test('a path is opened in the pool, as text or as bytes, and closed there', async () => {
  for (const path of ['/dev/null', Buffer.from('/dev/null')]) {
    const fd = await openInPool(path, constants.O_RDWR);
    assert.is(write(fd, Buffer.from('x')), 1);
    await closeInPool(fd);
    assert.throws(() => fstatSync(fd), /EBADF/);
    assert.is((await refusal(closeInPool(fd))).syscall, 'close');
  }
  const { code, syscall, path } = await refusal(openInPool('/none/such', 0));
  assert.equal([code, syscall, path], ['ENOENT', 'open', '/none/such']);
});

test('append writes at the end of a file that was not opened to append, and its position stays', async () => {
  const fd = memfdCreate('append');
  write(fd, Buffer.from('ab'));
  const text = Buffer.from('-cd-');
  assert.is(await append(fd, text, 1, 2), 2);
  write(fd, Buffer.from('C'));
  assert.is(await append(fd, text), 4);
  assert.is(readFileSync(`/proc/self/fd/${fd}`, 'latin1'), 'abCd-cd-');
  close(fd);
  const { code, syscall } = await refusal(append(fd, text));
  assert.equal([code, syscall], ['EBADF', 'write']);
});

test.run();
