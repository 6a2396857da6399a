import { spawn } from 'node:child_process';
import { type Ended, endOf } from '@polyring/test-support';

const INDEX = new URL('./index.js', import.meta.url).href;

/** The first lines of a script or worker that uses this package as `sys`. */
export const PRELUDE = `
  import * as sys from ${JSON.stringify(INDEX)};
  const ONE = BigUint64Array.of(1n);
`;

/** How a script is run. */
export interface ScriptOptions {
  /** Options of node. */
  readonly flags?: readonly string[];
  /** Variables beside those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a module in a process of its own, with this package as `sys`, until it ends. */
export function runScript(body: string, { flags = [], env }: ScriptOptions = {}): Promise<Ended> {
  const args = [...flags, '--input-type=module', '-e', PRELUDE + body];
  return endOf(spawn(process.execPath, args, { env: { ...process.env, ...env } }));
}
