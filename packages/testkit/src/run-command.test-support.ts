import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ended, endOf } from '@polyring/test-support';
import type { KitReport, RuleReport } from './report/report.js';
import type { Verdict } from './report/verdict.js';

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url));

/** Starts the command. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): [ChildProcess, Promise<Ended>] {
  const { POLYRING_DISABLE_URING, NO_COLOR, FORCE_COLOR, ...rest } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return [child, endOf(child)];
}

/** Runs the command to its end. */
export function runCommand(...args: string[]): Promise<Ended> {
  return startCommand(args)[1];
}

/** Runs the command with the JSON reporter, and reads the report. */
export async function report(...args: string[]): Promise<Verdict & KitReport & { code: number | null }> {
  const { code, stdout, stderr } = await runCommand(...args, '--reporter', 'json');
  if (stdout === '') throw new Error(`The command ended with ${code} and no report: ${stderr}`);
  return { ...(JSON.parse(stdout) as Verdict & KitReport), code };
}

/** The result of a rule. */
export function resultOf({ results }: KitReport, id: string): RuleReport {
  const result = results.find((candidate) => candidate.id === id);
  if (result === undefined) throw new Error(`There is no result of ${id}`);
  return result;
}
