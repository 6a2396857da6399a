import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { rate } from '../../measures.js';
import { spreadOf } from '../../statistics.js';
import { type Side, verify } from '../../step.js';

/** Children on each side. */
export const CHILDREN = 4;

/**
 * What a child runs: it says that it is there, then exits with the code it is told. Without a parent it exits too, by
 * the end of its input or as nobody hears it, so that it does not outlive the tour.
 */
export const CHILD_SCRIPT = `
  process.stdin.on('data', (code) => process.exit(Number(code)));
  process.stdout.on('error', () => process.exit());
  process.stdout.write('ready');
`;

/** What learns of a child's end. */
export interface ChildWatch {
  /** What learns it, such as `exit event`. */
  readonly by: string;
  /**
   * Begins to wait for the end of a child that runs.
   *
   * @returns resolves to the exit code
   */
  end(child: ChildProcess): Promise<number | null>;
}

/**
 * Ends children one after the other, and takes the time from the word to end until the end is known.
 *
 * @param progress is told the children that ended so far
 * @throws VerificationError for an end before the word, and for another exit code than the child was told
 */
export async function countEnds(watch: ChildWatch, progress: (children: number) => void): Promise<Side> {
  const { by } = watch;
  const children = Array.from({ length: CHILDREN }, startChild);
  try {
    await Promise.all(children.map(untilReady));
    const times: number[] = [];
    for (const [index, child] of children.entries()) {
      const told = index + 1;
      const end = watch.end(child);
      const tooSoon = await Promise.race([end.then(() => true), setImmediate(false)]);
      verify(!tooSoon, `By ${by}, a child that runs was said to have ended.`);
      const started = performance.now();
      child.stdin.write(String(told));
      const code = await end;
      times.push(performance.now() - started);
      verify(code === told, `By ${by}, a child told to exit with ${told} exited with ${code}.`);
      progress(index + 1);
    }
    const seconds = times.reduce((sum, time) => sum + time, 0) / 1e3;
    return { by, measures: { ...rate(times.length, seconds), medianMilliseconds: spreadOf(times).median } };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

function startChild(): Child {
  // Detached, so that a Ctrl-C ends the tour, and is not taken for a child that ended too soon.
  const child = spawn(process.execPath, ['-e', CHILD_SCRIPT], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  // What a child that ended too soon was not told; its exit code tells.
  child.stdin.on('error', () => {});
  return child;
}

async function untilReady(child: Child): Promise<void> {
  await once(child, 'spawn');
  const tooSoon = once(child, 'exit').then(([code]) => {
    throw new Error(`A child exited with ${code} before it was told to.`);
  });
  tooSoon.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), tooSoon]);
}
