// timeout: 60
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Errno, nop, readv } from '@polyring/core';
import { openDescriptorsTo, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

const PIECE = 2 ** 21;

/** So much is read that it takes longer than the end of a driver waits. */
const PIECES = 1000;

const openRings = (): number[] => openDescriptorsTo(/\[io_uring\]$/);

test('a failed ring that the kernel does not let go of at once is closed as soon as it does', async () => {
  const directory = mkdtempSync('/dev/shm/polyring-abandoned-');
  const file = openSync(join(directory, 'zeros'), 'w+');
  rmSync(directory, { recursive: true });
  ftruncateSync(file, PIECE * PIECES);
  let failed = false;
  const before = openRings();
  const driver = createDriverOver(
    interceptedBinding(({ toSubmit }, enter) => (failed ? Errno.EBADR : enter(toSubmit))),
  );
  const { bytes } = driver.allocate(PIECE);
  bytes[0] = 1;
  // A thread of the kernel reads, which the kernel does not interrupt in the midst of the memory's own files.
  const reading = driver.ioUringSubmit(readv(file, new Array(PIECES).fill(bytes), 0, { async: true }));
  const rejected = rejects(reading, 'ERR_POLYRING_RING_FAILED');
  // What has not begun would be cancelled at once.
  while (bytes[0] === 1) await turn();
  const [ring = -1] = openRings().filter((fd) => !before.includes(fd));
  failed = true;
  await driver.ioUringSubmit(nop()).catch(() => {});
  await Promise.all([driver.close(), rejected]);
  assert.ok(openRings().includes(ring), 'the kernel was faster than this test wants it to be');
  while (openRings().includes(ring)) await turn();
  closeSync(file);
});

runWhereGranted(test);
