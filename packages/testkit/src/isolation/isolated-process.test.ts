import { hasEnded } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type IsolatedEnd, type IsolationOptions, runIsolated } from './isolated-process.js';
import type { Misbehaviour } from './misbehave.test-support.js';

const SCRIPT = new URL('./misbehave.test-support.js', import.meta.url);
const LONG = 60_000;
const SHORT = 500;

function run<M>(mode: Misbehaviour, options: Partial<IsolationOptions> = {}): Promise<IsolatedEnd<M>> {
  return runIsolated<M>(SCRIPT, mode, {
    limit: LONG,
    endLimit: LONG,
    signal: new AbortController().signal,
    ...options,
  });
}

test('a process that says its message and ends leaves message, output and exit code', async () => {
  const { message, code, signal, timedOut, output } = await run('well');
  assert.equal([message, code, signal, timedOut, output], [{ mode: 'well' }, 0, null, false, 'output of well\n']);
});

test('a process whose thread is blocked is killed when its time is over', async () => {
  const { message, code, signal, timedOut, milliseconds } = await run('block', { limit: SHORT });
  assert.equal([message, code, signal, timedOut], [undefined, null, 'SIGKILL', true]);
  assert.ok(milliseconds >= SHORT - 1, String(milliseconds));
});

test('a process that exits early leaves its exit code and its output', async () => {
  const { message, code, signal, timedOut, output } = await run('exit');
  assert.equal([message, code, signal, timedOut, output], [undefined, 3, null, false, 'output of exit\n']);
});

test('a process that aborts leaves the signal, and what was written to both streams', async () => {
  const { message, signal, output } = await run('abort');
  assert.equal([message, signal], [undefined, 'SIGABRT']);
  assert.match(output, /^output of abort\n/);
});

test('a process that does not end after its message is killed', async () => {
  const { message, signal, timedOut } = await run('linger', { endLimit: SHORT });
  assert.equal([message, signal, timedOut], [{ mode: 'linger' }, 'SIGKILL', true]);
});

test('a process that fails after its message leaves both', async () => {
  const { message, code, output } = await run('fail-late');
  assert.equal([message, code], [{ mode: 'fail-late' }, 1]);
  assert.match(output, /too late to be heard/);
});

test('what a process started is gone when it is, though it held the output open', async () => {
  const { message, code } = await run<{ pid: number }>('leave-a-child');
  assert.is(code, 0);
  while (!hasEnded(message?.pid as number)) await new Promise((resolve) => setImmediate(resolve));
});

test('an abort ends the process', async () => {
  const abort = new AbortController();
  const ended = run('block', { signal: abort.signal });
  abort.abort();
  const { signal, timedOut } = await ended;
  assert.equal([signal, timedOut], ['SIGKILL', false]);
});

test.run();
