import { rejects } from '@polyring/test-support';
import { test } from 'uvu';
import { close } from '../descriptors/close.js';
import { fsync } from './fsync.js';
import { memfdCreate } from './memfd.js';
import { pipe2 } from './pipe2.js';

test('a file is synced, with its metadata or without', async () => {
  const fd = memfdCreate('synced');
  await fsync(fd);
  await fsync(fd, { dataSync: true });
  close(fd);
});

test('what has no device is refused by the name of the call that it was', async () => {
  const ends = pipe2();
  await rejects(fsync(ends[0]), { code: 'EINVAL', syscall: 'fsync', fd: ends[0] });
  await rejects(fsync(ends[0], { dataSync: true }), { code: 'EINVAL', syscall: 'fdatasync', fd: ends[0] });
  for (const end of ends) close(end);
});

test.run();
