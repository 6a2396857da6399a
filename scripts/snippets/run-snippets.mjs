import { spawn } from 'node:child_process';
import path from 'node:path';
import { endWithParent } from '../end-with-parent.mjs';

/** Milliseconds that a snippet may take. */
const LIMIT = 60_000;

/**
 * Runs compiled snippets, one after the other.
 *
 * @param {{ fence: import('./extract-fences.mjs').Fence, compiled: string }[]} modules
 * @returns {Promise<string[]>} A complaint for each that did not exit with 0, or wrote to the standard error.
 */
export async function runSnippets(modules) {
  const complaints = [];
  for (const { fence, compiled } of modules) {
    const { code, signal, output, hasErrors } = await run(compiled);
    if (code === 0 && !hasErrors) continue;
    const end = signal === null ? `exit code ${code}` : `ended by ${signal}, after ${LIMIT} ms at the latest`;
    const how = code === 0 ? `${end}, with errors` : end;
    complaints.push(`${fence.place}: ${how}\n${output.trimEnd().replace(/^/gm, '  | ')}`);
  }
  return complaints;
}

function run(file) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], {
      cwd: path.dirname(file),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    endWithParent(child);
    let output = '';
    let hasErrors = false;
    child.stderr.once('data', () => {
      hasErrors = true;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output, hasErrors }));
  });
}
