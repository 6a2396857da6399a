import type { Inspection } from './inspect.js';
import { START_ALLOWANCE } from './isolated-judge.js';
import { runIsolated } from './isolated-process.js';

const INSPECT_PROCESS = new URL('./inspect-process.js', import.meta.url);

/**
 * Looks at a backend in a process of its own, so that one that hangs or dies at once is told like any other trouble.
 *
 * @param url the module of the backend
 * @param scale the factor of every time limit
 */
export async function inspectIsolated(url: string, scale: number, signal: AbortSignal): Promise<Inspection> {
  const limit = START_ALLOWANCE * scale;
  const end = await runIsolated<Inspection>(INSPECT_PROCESS, url, { limit, endLimit: 0, signal });
  if (end.message !== undefined) return end.message;
  if (end.timedOut) return { kind: 'unusable', trouble: `It hung: there was no driver after ${limit} ms.` };
  const [error = ''] = end.output.match(/^.*Error\b.*$/m) ?? [];
  const how = end.signal ?? `exit code ${end.code}`;
  return { kind: 'unusable', trouble: `It ended its process (${how}) before it gave a driver. ${error}`.trimEnd() };
}
