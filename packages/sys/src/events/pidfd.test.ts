import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { release } from 'node:os';
import { thrownBy, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../descriptors/close.js';
import { untilReady } from '../until-ready.test-support.js';
import { pidfdOpen, pidfdSendSignal, waitPidfd } from './pidfd.js';

/** A child that exits with a code once its input ends. */
function startChild(code: number): ChildProcess {
  return spawn('/bin/sh', ['-c', `cat >/dev/null; exit ${code}`], { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** Whether the kernel tells how a process ended after it was reaped. */
function tellsAfterReaping(): boolean {
  const [major, minor] = release().split('.').map(Number) as [number, number];
  return major > 6 || (major === 6 && minor >= 15);
}

test('a process that runs has not ended, and an exit code is told without reaping it', async () => {
  for (const code of [0, 42, 255]) {
    const child = startChild(code);
    const exit = once(child, 'exit');
    const fd = pidfdOpen(child.pid!);
    assert.is(waitPidfd(fd), undefined);
    child.stdin!.end();
    await untilReady(fd);
    const ended = endOf(fd);
    if (ended !== 'ECHILD') assert.equal(ended, { exitCode: code, signal: null });
    assert.equal(await exit, [code, null]);
    close(fd);
  }
});

test('a signal is sent through the descriptor, and told as the end', async () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const child = startChild(0);
    const exit = once(child, 'exit');
    const fd = pidfdOpen(child.pid!);
    pidfdSendSignal(fd, 0);
    pidfdSendSignal(fd, signal);
    await untilReady(fd);
    const ended = endOf(fd);
    if (ended !== 'ECHILD') assert.equal(ended, { exitCode: null, signal });
    assert.equal(await exit, [null, signal]);
    close(fd);
  }
});

test('a process that was reaped cannot be signalled, and its end is told by newer kernels only', async () => {
  const child = startChild(3);
  const fd = pidfdOpen(child.pid!);
  const exit = once(child, 'exit');
  child.stdin!.end();
  await exit;
  assert.equal(endOf(fd), tellsAfterReaping() ? { exitCode: 3, signal: null } : 'ECHILD');
  throws(() => pidfdSendSignal(fd, 'SIGTERM'), 'ESRCH');
  throws(() => pidfdOpen(child.pid!), 'ESRCH');
  close(fd);
});

test('a process that is no child has not ended while it runs', () => {
  const fd = pidfdOpen(process.ppid);
  const ended = endOf(fd);
  assert.ok(ended === undefined || ended === 'ECHILD');
  close(fd);
});

test('a thread is no process', () => {
  const thread = readdirSync('/proc/self/task')
    .map(Number)
    .find((id) => id !== process.pid);
  assert.match(String(thrownBy(() => pidfdOpen(thread!)).code), /^(ENOENT|EINVAL)$/);
});

test('wrong arguments are refused', () => {
  const fd = pidfdOpen(process.pid);
  throws(() => pidfdOpen(0), 'ERR_OUT_OF_RANGE');
  throws(() => pidfdOpen('1' as never), 'ERR_INVALID_ARG_TYPE');
  throws(() => pidfdSendSignal(fd, 'SIGNONE' as never), 'ERR_INVALID_ARG_VALUE');
  throws(() => pidfdSendSignal(fd, 65), 'ERR_OUT_OF_RANGE');
  close(fd);
  throws(() => waitPidfd(fd), 'EBADF');
});

function endOf(fd: number): unknown {
  try {
    return waitPidfd(fd);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test.run();
