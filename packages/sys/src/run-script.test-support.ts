import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a script did. */
export interface ScriptResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const INDEX = new URL('./index.js', import.meta.url).href;
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** The options of node by which it may read this repository, some other paths and nothing else. */
export function onlyReading(...paths: readonly string[]): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [permission, ...[REPOSITORY, ...paths].map((path) => `--allow-fs-read=${path}`)];
}

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
export function runScript(body: string, options: ScriptOptions = {}): Promise<ScriptResult> {
  return new Promise((resolve, reject) => {
    const flags = options.flags ?? [];
    const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', PRELUDE + body], {
      env: { ...process.env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
