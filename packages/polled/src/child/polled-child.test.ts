import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { release } from 'node:os';
import type { Readable } from 'node:stream';
import { type Driver, type PollEvents, PolledFd, type PollFdReady, type Waker } from '@polyring/core';
import { close, pidfdOpen } from '@polyring/sys';
import { openDescriptors, rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledChild } from './polled-child.js';

/** A child that exits with a code once its input ends. */
function startChild(code: number): ChildProcess {
  return spawn('/bin/sh', ['-c', `cat >/dev/null; exit ${code}`], { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** Whether the kernel tells how a stranger's child ended. */
function tellsOfStrangers(): boolean {
  const [major, minor] = release().split('.').map(Number) as [number, number];
  return major > 6 || (major === 6 && minor >= 15);
}

/** A driver whose descriptors are ready whenever they are looked at. */
function alwaysReady(driver: Driver): Driver {
  const newDynFdReady = (fd: number): PollFdReady =>
    Object.assign(driver.newDynFdReady(fd), {
      pollFdReady: (_waker: Waker, _slot: number, events: PollEvents) => events,
    });
  return Object.assign(Object.create(driver) as Driver, { newDynFdReady });
}

await onEveryBackend('PolledChild', (test) => {
  test('tells the exit code of a child, and its own events come as ever', async ({ driver }) => {
    for (const code of [0, 42, 255]) {
      const process = startChild(code);
      const exit = once(process, 'exit');
      using child = new PolledChild(driver, process);
      assert.is(child.exit, undefined);
      const waits = [child.wait(), child.wait()];
      process.stdin?.end();
      for (const wait of waits) assert.equal(await wait, { exitCode: code, signal: null });
      assert.equal(child.exit, { exitCode: code, signal: null });
      assert.equal(await exit, [code, null]);
      assert.is(child.kill(), false);
    }
  });

  test('sends signals, and tells the one that ended it', async ({ driver }) => {
    const process = startChild(0);
    const exit = once(process, 'exit');
    using child = new PolledChild(driver, process);
    assert.is(child.kill(0), true);
    throws(() => child.kill('SIGNONE' as never), 'ERR_INVALID_ARG_VALUE');
    assert.is(child.kill('SIGKILL'), true);
    assert.equal(await child.wait(), { exitCode: null, signal: 'SIGKILL' });
    assert.equal(await exit, [null, 'SIGKILL']);
  });

  test('a signal without a name that ended a child is told as one, and no exit, though Node.js has told of that', async ({
    driver,
  }) => {
    // The kernel does not tell of what Node.js has reaped.
    if (!tellsOfStrangers()) return;
    const process = startChild(0);
    const exit = once(process, 'exit');
    using child = new PolledChild(driver, process);
    assert.is(child.kill('SIG40'), true);
    assert.equal(await exit, [0, null]);
    assert.equal(await child.wait(), { exitCode: null, signal: 'SIG40' });
  });

  test('a child that has ended already is told of without a descriptor', async ({ driver }) => {
    const process = startChild(7);
    process.stdin?.end();
    await once(process, 'exit');
    const before = openDescriptors();
    using child = new PolledChild(driver, process);
    assert.equal(await child.wait(), { exitCode: 7, signal: null });
    assert.is(child.kill(), false);
    assert.is(openDescriptors(), before);
  });

  test('a pid is adopted: a child by its number, and the child of another process', async ({ driver }) => {
    const own = startChild(5);
    using adopted = new PolledChild(driver, own.pid as number);
    own.stdin?.end();
    const told = await adopted.wait();
    if (tellsOfStrangers()) assert.equal(told, { exitCode: 5, signal: null });

    const parent = spawn('/bin/sh', ['-c', 'sh -c "read line; exit 9" <&3 & echo $!; wait $!; cat'], {
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    });
    const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
    using stranger = new PolledChild(driver, Number(line.toString()));
    const wait = stranger.wait();
    (parent.stdio[3] as unknown as NodeJS.WritableStream).end('go\n');
    assert.equal(await wait, tellsOfStrangers() ? { exitCode: 9, signal: null } : { exitCode: null, signal: null });
    const ended = once(parent, 'exit');
    parent.stdin?.end();
    assert.equal(await ended, [0, null]);
  });

  test('a process that has ended is sent no signal, though nobody has reaped it', async ({ driver }) => {
    const parent = spawn('/bin/sh', ['-c', 'sh -c "read line" <&3 & echo $!; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    });
    const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
    // Once it answers, cat has taken the shell's place, and reaps no children.
    parent.stdin?.write('here?');
    await once(parent.stdout as Readable, 'data');
    const pid = Number(line.toString());
    using stranger = new PolledChild(driver, pid);
    assert.is(stranger.kill(0), true);
    const fd = pidfdOpen(pid);
    const end = new PolledFd(driver, fd);
    (parent.stdio[3] as unknown as NodeJS.WritableStream).end('go\n');
    await end.readable();
    assert.is(stranger.kill(0), false);
    assert.is(stranger.kill('SIGKILL'), false);
    end[Symbol.dispose]();
    close(fd);
    const ended = once(parent, 'exit');
    parent.stdin?.end();
    await ended;
  });

  test('a wait ends by its signal or its time, and the process goes on', async ({ driver }) => {
    const process = startChild(1);
    using child = new PolledChild(driver, process);
    const controller = new AbortController();
    const wait = child.wait({ signal: controller.signal });
    controller.abort();
    await rejects(wait, 'AbortError');
    await rejects(child.wait({ timeout: 1 }), 'ERR_POLYRING_TIMEOUT');
    process.stdin?.end();
    assert.equal(await child.wait(), { exitCode: 1, signal: null });
  });

  test('a closed driver is refused, for a child that has ended too', async ({ driver }) => {
    const process = startChild(7);
    const exit = once(process, 'exit');
    await driver.close();
    throws(() => new PolledChild(driver, process), 'ERR_POLYRING_CLOSED');
    process.stdin?.end();
    await exit;
    throws(() => new PolledChild(driver, process), 'ERR_POLYRING_CLOSED');
  });

  test('disposal ends the waits and not the process, and leaves no descriptor', async ({ driver }) => {
    const process = startChild(2);
    const before = openDescriptors();
    const child = new PolledChild(driver, process);
    const wait = child.wait();
    child[Symbol.dispose]();
    child[Symbol.dispose]();
    await rejects(wait, 'ERR_POLYRING_DISPOSED');
    await rejects(child.wait(), 'ERR_POLYRING_DISPOSED');
    throws(() => child.kill(), 'ERR_POLYRING_DISPOSED');
    assert.is(openDescriptors(), before);
    const exit = once(process, 'exit');
    process.stdin?.end();
    assert.equal(await exit, [2, null]);
  });

  test('disposal behind the end keeps it from being asked for: the descriptor may be another one', async ({
    driver,
  }) => {
    const process = startChild(2);
    const child = new PolledChild(alwaysReady(driver), process.pid as number);
    const wait = child.wait();
    child[Symbol.dispose]();
    await rejects(wait, 'ERR_POLYRING_DISPOSED');
    const exit = once(process, 'exit');
    process.stdin?.end();
    await exit;
  });

  test('what is no process is refused', async ({ driver }) => {
    throws(() => new PolledChild(driver, 0), 'ERR_OUT_OF_RANGE');
    throws(() => new PolledChild(driver, 'init' as never), 'ERR_INVALID_ARG_TYPE');
    throws(() => new PolledChild(driver, 0x7fffffff), 'ESRCH');
    const failed = spawn('/does/not/exist');
    const error = once(failed, 'error');
    throws(() => new PolledChild(driver, failed), 'ERR_INVALID_ARG_VALUE');
    await error;
  });
});
