import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GUARD_PROCESS = fileURLToPath(new URL('./guard-process.js', import.meta.url));

const living = new Set<number>();
let guard: ChildProcess | undefined;

/**
 * Has a process group killed when this process ends, by SIGKILL too. A process whose thread is blocked would not notice
 * that end itself, so a process in a group of its own does.
 *
 * @returns to be disposed of when the group has ended: its number may then be another's
 */
export function guardGroup(group: number): Disposable {
  living.add(group);
  tell();
  return {
    [Symbol.dispose]: () => {
      living.delete(group);
      tell();
    },
  };
}

function tell(): void {
  guard ??= start();
  // Without a guard, the rules go on unguarded.
  guard.send([...living], () => {});
}

function start(): ChildProcess {
  const process = fork(GUARD_PROCESS, { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  process.on('error', () => {});
  process.unref();
  process.channel?.unref();
  return process;
}
