import { constants, fstatSync, readFileSync } from 'node:fs';
import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, closeInPool } from '../descriptors/close.js';
import { openInPool } from '../descriptors/open.js';
import { append } from '../files/append.js';
import { memfdCreate } from '../files/memfd.js';
import { write } from '../files/read-write.js';

test('a path is opened in the pool, as text or as bytes, and closed there', async () => {
  for (const path of ['/dev/null', Buffer.from('/dev/null')]) {
    const fd = await openInPool(path, constants.O_RDWR);
    assert.is(write(fd, Buffer.from('x')), 1);
    await closeInPool(fd);
    assert.throws(() => fstatSync(fd), /EBADF/);
    await rejects(closeInPool(fd), { syscall: 'close' });
  }
  await rejects(openInPool('/none/such', 0), { code: 'ENOENT', syscall: 'open', path: '/none/such' });
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
  const { code, syscall } = await rejectionOf(append(fd, text));
  assert.equal([code, syscall], ['EBADF', 'write']);
});

test.run();
