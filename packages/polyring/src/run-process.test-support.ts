import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ended, endOf } from '@polyring/test-support';

/** How a process is started. */
export interface Start {
  readonly cwd?: string;
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with its arguments, that runs Node.js. */
  readonly launcher?: readonly string[];
  /** A descriptor that it prints to; nothing of that is left. */
  readonly stdout?: number;
}

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url));

/** Runs Node.js with arguments. */
function runNode(nodeArgs: readonly string[], start: Start = {}): Promise<Ended> {
  const { cwd, env, launcher = [], stdout: output = 'pipe' } = start;
  const [program, ...args] = [...launcher, process.execPath, ...nodeArgs] as [string, ...string[]];
  const child = spawn(program, args, {
    env: withoutConfiguration(env),
    stdio: ['ignore', output, 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  return endOf(child);
}

/** Runs the text of a module that can import `polyring` and `@polyring/...`. What it prints as JSON is the result. */
export async function runModule<T>(text: string, start: Start = {}, flags: readonly string[] = []): Promise<T> {
  const polyring = `const polyring = await import(${JSON.stringify(new URL('./index.js', import.meta.url).href)});`;
  const { code, stdout, stderr } = await runNode(
    [...flags, '--input-type=module', '--eval', `${polyring}\n${text}`],
    start,
  );
  if (code !== 0) throw new Error(`The module ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Runs the `polyring` command. */
export function runPolyring(args: readonly string[], start: Start = {}): Promise<Ended> {
  return runNode([CLI, ...args], start);
}

/** The environment without what would configure Polyring or colour its output, and with what the test gives. */
function withoutConfiguration(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { POLYRING_BACKEND, POLYRING_DISABLE_URING, NO_COLOR, FORCE_COLOR, ...rest } = process.env;
  return { ...rest, ...env };
}
