import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endOf, openDescriptorsTo, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDriver } from '../../open-driver.js';
import { child } from './child.js';
import { exitEvent } from './child-watches.js';
import { CHILD_SCRIPT, CHILDREN, type ChildWatch, countEnds } from './children.js';

const { driver } = await openDriver(undefined);

test.after(() => driver.close());

test('the exit code of every child is learned on both sides, and no descriptor stays open', async () => {
  const { sides } = await child.run({ driver, folder: '/nowhere', copySize: 1, progress: () => {} });
  assert.equal(
    sides.map(({ by, measures }) => [by, measures.operations]),
    [
      [`${driver.name}, pidfd`, CHILDREN],
      ["event 'exit'", CHILDREN],
    ],
  );
  for (const { measures } of sides) assert.ok((measures.medianMilliseconds as number) > 0);
  assert.equal(openDescriptorsTo(/pidfd/), []);
});

test('an end that is told before the word fails the step', async () => {
  const hasty: ChildWatch = { by: 'a liar', end: async () => 1 };
  await rejects(
    countEnds(hasty, () => {}),
    'VerificationError',
    /By a liar, a child that runs was said to have ended\./,
  );
});

test('another exit code than the child was told fails the step', async () => {
  const lying: ChildWatch = {
    by: 'a liar',
    end: async (each) => ((await exitEvent.end(each)) === 1 ? 1 : 0),
  };
  await rejects(
    countEnds(lying, () => {}),
    'VerificationError',
    /By a liar, a child told to exit with 2 exited with 0\./,
  );
});

/** The process group of a process, which a Ctrl-C interrupts as a whole. */
function groupOf(pid: number | undefined): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[2];
}

test('a Ctrl-C does not reach the children, which would look as if they ended too soon', async () => {
  const groups: (string | undefined)[] = [];
  const looking: ChildWatch = {
    by: 'who looks',
    end(each) {
      groups.push(groupOf(each.pid));
      return exitEvent.end(each);
    },
  };
  await countEnds(looking, () => {});
  assert.is(groups.length, CHILDREN);
  assert.not.ok(groups.includes(groupOf(process.pid)));
});

test('a child whose parent has gone ends without a word', async () => {
  const orphan = spawn(process.execPath, ['-e', CHILD_SCRIPT], { stdio: 'pipe' });
  orphan.stdin.end();
  orphan.stdout.destroy();
  const { code, stderr } = await endOf(orphan);
  assert.equal([code, stderr], [0, '']);
});

test.run();
