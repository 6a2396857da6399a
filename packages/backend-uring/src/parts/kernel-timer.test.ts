import { Errno, PolledTimer } from '@polyring/core';
import { openDescriptors, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { faultyBinding, NO_FAULTS } from '../storm/faulty-ring.test-support.js';

test('a driver whose timer finds no memory is not made, and leaves nothing open', () => {
  const before = openDescriptors();
  const binding = faultyBinding({ ...NO_FAULTS, refuseMemory: () => Errno.ENOMEM });
  throws(() => createDriverOver(binding), { code: 'ENOMEM', syscall: 'mmap' });
  assert.is(openDescriptors(), before);
});

test('timers need no memory once the driver is made', async () => {
  let refused = false;
  const binding = faultyBinding({ ...NO_FAULTS, refuseMemory: () => (refused ? Errno.ENOMEM : undefined) });
  const driver = createDriverOver(binding);
  refused = true;
  await PolledTimer.sleep(driver, 2);
  await driver.close();
});

runWhereGranted(test);
