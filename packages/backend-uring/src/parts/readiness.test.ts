import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { InterestSlot, Pending, type Poll, PollEvents } from '@polyring/core';
import { close, shutdown, socketpair, tryRead, tryWrite } from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

const test = suite('readiness');

/** Takes all descriptors that are left. */
function takeDescriptors(): number[] {
  const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
  assert.is(limited.status, 0, String(limited.stderr ?? limited.error));
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EMFILE');
  }
  return taken;
}

test('where no descriptor is left a writer waits for room all the same, though its peer sends no more', async () => {
  const driver = uringBackend.create();
  const [near, far] = socketpair();
  while (tryWrite(near, Buffer.alloc(65_536)) > 0);
  shutdown(far, 'write');
  const ready = driver.newDynSocketReady(near);
  const taken = takeDescriptors();
  const answers: Poll<PollEvents>[] = [];
  await new Promise<void>((resolve, reject) => {
    const poll = (): void => {
      try {
        const answer = ready.pollSocketReady(poll, InterestSlot.Write, PollEvents.OUT);
        answers.push(answer);
        if (answer === PollEvents.RDHUP) {
          ready.clearSocketReady(InterestSlot.Write);
          poll();
          for (const fd of taken) closeSync(fd);
          while (tryRead(far, Buffer.alloc(65_536)) > 0);
        } else if (answer !== Pending) resolve();
      } catch (error) {
        reject(error);
      }
    };
    poll();
  });
  assert.equal(answers.slice(0, 3), [Pending, PollEvents.RDHUP, Pending]);
  ready[Symbol.dispose]();
  await driver.close();
  close(near);
  close(far);
});

runWhereGranted(test);
