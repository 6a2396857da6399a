import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { Errno, PolledTimer } from '@polyring/core';
import { openDescriptors, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { interceptedBinding } from '../kernel/intercepted-binding.test-support.js';
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

test('a timer is due at its deadline, though the kernel refused it until then', async () => {
  const { hrtime } = process;
  let refusing = false;
  const binding = interceptedBinding(({ toSubmit }, enter) => {
    if (!refusing) return enter(toSubmit);
    refusing = false;
    // An hour goes by.
    process.hrtime = Object.assign((): [number, number] => {
      const [seconds, nanoseconds] = hrtime();
      return [seconds + 3600, nanoseconds];
    }, hrtime);
    return Errno.EAGAIN;
  });
  const driver = createDriverOver(binding);
  try {
    await PolledTimer.sleep(driver, 1);
    refusing = true;
    const due = PolledTimer.sleep(driver, 3_600_000).then(() => 'due');
    assert.is(await Promise.race([due, setTimeout(20_000, 'late', { ref: false })]), 'due');
  } finally {
    process.hrtime = hrtime;
  }
  await driver.close();
});

/** As who may make namespaces, which an ordinary user may with a namespace of users around. */
const namespace = [['--time'], ['--user', '--map-root-user', '--time']].find(
  (options) => spawnSync('unshare', [...options, '--monotonic=86400', '--fork', 'true']).status === 0,
);
if (namespace === undefined) console.log('skipped: this process may not make a time namespace');

(namespace === undefined ? test.skip : test)('a timer is due by the clock of its own time namespace', () => {
  const script = `
    import { createDriverOver } from ${JSON.stringify(import.meta.resolve('../driver.js'))};
    import { loadBinding } from ${JSON.stringify(import.meta.resolve('../kernel/binding.js'))};
    import { PolledTimer } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
    const driver = createDriverOver(loadBinding());
    const timer = new PolledTimer(driver);
    const far = timer.sleep(60_000).catch(({ code }) => console.log(code));
    // Moves the kernel's timer nearer.
    await new Promise(setImmediate);
    await PolledTimer.sleep(driver, 2);
    timer[Symbol.dispose]();
    await far;
    await driver.close();
  `;
  const node = [process.execPath, '--input-type=module', '-e', script];
  const options = [...(namespace ?? []), '--monotonic=86400', '--fork', '--kill-child', ...node];
  const { stdout, stderr } = spawnSync('unshare', options, {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  assert.is(stdout, 'ERR_POLYRING_DISPOSED\n', stderr);
});

runWhereGranted(test);
