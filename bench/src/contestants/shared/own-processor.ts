import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { allowedProcessors } from '../../processors.js';

/**
 * Has the calling thread run on a processor of its own from now on: the first thread of a process on the first that it
 * may run on, the second on the second.
 *
 * The first thread calls it when it has started the second, which may run where the first might when it started it.
 */
export function takeOwnProcessor(thread: 0 | 1): void {
  const [first, second] = allowedProcessors();
  const [, , id] = readlinkSync('/proc/thread-self').split('/');
  const { status, stderr, error } = spawnSync('taskset', ['-pc', String(thread === 0 ? first : second), String(id)]);
  if (status !== 0) throw new Error('A thread could not be given a processor', { cause: error ?? String(stderr) });
}
