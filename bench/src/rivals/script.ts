import { join } from 'node:path';
import { CONTESTANTS } from '../places.js';
import { Child } from '../processes/child.js';
import { requireInstalled } from '../processes/installed.js';
import { type Runtime, requireRuntime, THIS_NODE } from '../processes/runtimes.js';
import type { Sample } from '../sample.js';
import type { Workshop } from '../workshop.js';
import type { Rival, StartedRival } from './rival.js';

/** What a script is told when it starts, as one argument of JSON. */
export type ScriptOptions = Readonly<Record<string, unknown>>;

/** How a contestant's script is run. */
export interface ScriptRun {
  readonly runtime?: Runtime;
  /** The package of `bench/installed` that it imports. */
  readonly needs?: string;
  /** The short name of a file in `contestants/`. */
  readonly script: string;
  readonly options?: ScriptOptions | ((workshop: Workshop) => ScriptOptions);
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly processor?: number | undefined;
}

/** Starts a contestant's script, and gives what it said when it was ready. */
export async function startScript<Ready>(
  workshop: Workshop,
  run: ScriptRun,
): Promise<{ readonly child: Child; readonly ready: Ready }> {
  const { runtime = THIS_NODE, needs, script, options = {}, env, flags = [], processor } = run;
  requireRuntime(runtime);
  if (needs !== undefined) requireInstalled(needs);
  const told = typeof options === 'function' ? options(workshop) : options;
  const args = [
    ...runtime.args,
    ...flags,
    join(CONTESTANTS, `${script}.js`),
    JSON.stringify({ ...told, milliseconds: workshop.milliseconds }),
  ];
  const child = new Child(runtime.command, args, {
    env: { ...runtime.env, ...env },
    processor,
    milliseconds: workshop.milliseconds,
  });
  try {
    return { child, ready: await child.answer<Ready>() };
  } catch (error) {
    await child.close();
    throw error;
  }
}

/** A rival that is a script in a process of its own, which measures itself whenever it is asked to. */
export function script(name: string, run: ScriptRun): Rival {
  return {
    name,
    installed: run.needs !== undefined || run.runtime?.installed === true,
    warmsUp: true,
    async start(workshop): Promise<StartedRival> {
      const { child } = await startScript(workshop, run);
      return {
        measure() {
          child.ask('measure');
          return child.answer<Sample>();
        },
        close: () => child.close(),
      };
    },
  };
}
