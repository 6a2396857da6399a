import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Callback, Test } from 'uvu';

/** The commands of other people's that tests talk to, and the packages of Debian that have them. */
const PACKAGES = {
  nc: 'netcat-openbsd',
  socat: 'socat',
  'redis-cli': 'redis-tools',
  'redis-benchmark': 'redis-tools',
  prlimit: 'util-linux',
} as const;

/** A command that a test talks to. */
export type PeerTool = keyof typeof PACKAGES;

function isInstalled(tool: PeerTool): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Adds a test that needs a command; where it is missing the test is skipped, and the output says why. */
export function testWith<Context>(test: Test<Context>, tool: PeerTool, name: string, body: Callback<Context>): void {
  if (isInstalled(tool)) {
    test(name, body);
    return;
  }
  console.log(`skipped: "${name}": there is no ${tool} here; apt-get install ${PACKAGES[tool]}`);
  test.skip(name, body);
}

/** A peer that was started, and what it has said so far. */
export interface Peer {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Ends when the peer does: what it wrote to stdout. */
  readonly output: Promise<string>;
}

/** Starts a command. Its errors are thrown with what it wrote to stderr; one that was killed is no error. */
export function startPeer(command: string, args: readonly string[], input?: string): Peer {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' });
  if (input !== undefined) child.stdin.end(input);
  let text = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    complaints += chunk;
  });
  child.stdin.on('error', () => {});
  const output = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0 || signal !== null || child.killed) resolve(text);
      else reject(new Error(`${command} ${args.join(' ')}: exit code ${code}\n${complaints}${text}`));
    });
  });
  // Whoever does not ask for the output is not to be surprised by its error.
  output.catch(() => {});
  return { process: child, output };
}
