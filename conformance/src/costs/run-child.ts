import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Milliseconds after which a child is killed. */
const LIMIT = 240_000;

/** V8's young generation grows once, by as much as the tests of memory allow: it is kept to half of that. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=8'];

/**
 * Runs one of `children/` in a process of its own, with forced collection at hand, and parses what it says as JSON.
 *
 * @param script the file's name without its ending
 * @throws what the child wrote to its standard error, if it fails
 */
export async function runChild<T>(script: string, ...args: readonly string[]): Promise<T> {
  const path = fileURLToPath(new URL(`./children/${script}.js`, import.meta.url));
  const options = { timeout: LIMIT, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, path, ...args], options);
  return JSON.parse(stdout) as T;
}
