import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { untilOver } from '../running/time-limit.js';
import { guardGroup } from './group-guard.js';
import { signalGroup } from './signal-group.js';
import { TailText } from './tail-text.js';

/** How an isolated process is run. */
export interface IsolationOptions {
  /** Milliseconds from the start of the process to its message. */
  readonly limit: number;
  /** Milliseconds from its message to its end. */
  readonly endLimit: number;
  /** Ends the process when it is aborted. */
  readonly signal: AbortSignal;
}

/** What an isolated process left. */
export interface IsolatedEnd<M> {
  /** What it had to say. Undefined if it ended, or was ended, before that. */
  readonly message: M | undefined;
  /** The exit code; null if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it; null if it exited. */
  readonly signal: NodeJS.Signals | null;
  /** Whether a limit was over and it was killed. */
  readonly timedOut: boolean;
  /** The last of its standard output and error, in the order of their coming. */
  readonly output: string;
  /** How long it lived. */
  readonly milliseconds: number;
}

/** Milliseconds to read what a process wrote, in case that somebody who left its group holds its output open. */
const OUTPUT_LIMIT = 2000;

/**
 * Runs a script in a process of its own, which says one message and ends. It leads a process group: when it has
 * ended, or is killed because a limit is over or this process is gone, nothing that it started is left. A thread that is
 * blocked cannot prevent it.
 *
 * @param script the URL of a module
 * @param job given to the script as its first argument, as JSON
 * @throws (rejects) the system error that prevents the start of the process
 */
export async function runIsolated<M>(script: URL, job: unknown, options: IsolationOptions): Promise<IsolatedEnd<M>> {
  const { limit, endLimit, signal } = options;
  const started = performance.now();
  const child = fork(fileURLToPath(script), [JSON.stringify(job)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  using _ = child.pid === undefined ? undefined : guardGroup(child.pid);
  const output = new TailText();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.append(text));
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;

  let message: M | undefined;
  let timedOut = false;
  const kill = (): void => killGroup(child);
  const timeOut = (): void => {
    timedOut = true;
    kill();
  };
  let timer = setTimeout(timeOut, limit);
  child.once('message', (said) => {
    message = said as M;
    clearTimeout(timer);
    timer = setTimeout(timeOut, endLimit);
  });
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    const [code, endedBy] = await exited;
    kill();
    await untilOver(closed, OUTPUT_LIMIT);
    return {
      message,
      code,
      signal: endedBy,
      timedOut,
      output: output.text,
      milliseconds: performance.now() - started,
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) signalGroup(pid, 'SIGKILL');
}
