import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { groupMembers, signalGroup } from './process-group.mjs';
import { judgeUvuTotals, readUvuTotals } from './uvu-totals.mjs';

/** Milliseconds between SIGTERM and SIGKILL, and for what a finished test left behind to end by itself. */
const GRACE_MS = 2000;

/** Seconds that a timer can wait for: of more than 31 bits of milliseconds it makes one. */
const LONGEST = Math.floor((2 ** 31 - 1) / 1000);

const running = new Set();

/**
 * What one test file did.
 *
 * @typedef {object} FileResult
 * @property {number} passed
 * @property {number} total
 * @property {number} skipped
 * @property {number} milliseconds
 * @property {string[]} complaints Why the file failed; empty if it passed.
 * @property {string} output Both output streams, in order of arrival.
 */

/**
 * Runs one test file in a process group of its own and judges it.
 *
 * @param {string} file
 * @param {{ node: string, cwd: string, timeout: number }} options `node` is the binary to run the file with, `timeout`
 * the limit in seconds, which the file may raise by a comment line `// timeout: 300`.
 * @returns {Promise<FileResult>}
 */
export async function runTestFile(file, { node, cwd, timeout }) {
  const text = readFileSync(file, 'utf8');
  const asked = Number(text.match(/^\/\/ timeout: (\d+)$/m)?.[1] ?? 0);
  const limit = Math.min(Math.max(timeout, asked), LONGEST);
  const ended = await runProcess(node, [file], cwd, limit);
  const blocks = readUvuTotals(ended.stdout);
  const complaints = [...ended.complaints];
  if (complaints.length === 0) complaints.push(...[judgeUvuTotals(blocks)].filter((complaint) => complaint));
  if (/^\s*\w+\.only\(/m.test(text)) complaints.push('holds a focused test (.only)');
  const { passed, total, skipped } = blocks.at(-1) ?? { passed: 0, total: 0, skipped: 0 };
  return { passed, total, skipped, milliseconds: ended.milliseconds, complaints, output: ended.output };
}

/** Ends every test process that is still running, for a runner that is itself being ended. */
export function killRunningTests() {
  for (const group of running) signalGroup(group, 'SIGKILL');
}

async function runProcess(command, args, cwd, limit) {
  const start = performance.now();
  const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints = [];
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(describeExit(code, signal)));
  });
  if (child.pid === undefined) return { stdout, output, milliseconds: 0, complaints: [await exited] };

  running.add(child.pid);
  const timer = setTimeout(() => {
    complaints.push(`timed out after ${limit} s`);
    terminateGroup(child.pid);
  }, limit * 1000);
  const exit = await exited;
  clearTimeout(timer);
  const milliseconds = performance.now() - start;
  if (exit !== undefined && complaints.length === 0) complaints.push(exit);

  const left = await waitForGroup(child.pid, () => closed);
  if (left !== undefined) {
    complaints.push(left);
    signalGroup(child.pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  }
  running.delete(child.pid);
  return { stdout, output, milliseconds, complaints };
}

/** SIGTERM lets a test that runs processes of its own end them; SIGKILL ends one that is stuck. */
function terminateGroup(group) {
  signalGroup(group, 'SIGTERM');
  setTimeout(() => running.has(group) && signalGroup(group, 'SIGKILL'), GRACE_MS);
}

/** Waits until nothing of a finished test is left, and says what is left if that takes too long. */
async function waitForGroup(group, isClosed) {
  const deadline = performance.now() + GRACE_MS;
  for (;;) {
    const members = groupMembers(group);
    if (members.length === 0 && isClosed()) return undefined;
    if (performance.now() > deadline) {
      const names = members.map(({ pid, name }) => `${name} (${pid})`).join(', ');
      return `left running: ${names || 'a process that holds its output open'}`;
    }
    await delay(10);
  }
}

function describeExit(code, signal) {
  if (signal !== null) return `ended by ${signal}`;
  return code === 0 ? undefined : `exit code ${code}`;
}
