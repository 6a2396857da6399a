import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { onEveryBackend } from './grid.test-support.js';

const SCRIPT = fileURLToPath(new URL('liveness.test-support.js', import.meta.url));

/** Runs a process to its own end, which comes if nothing keeps it alive, and tells what it did until then. */
async function endOf(backend: string, kind: string): Promise<[code: number | null, ...cases: string[]]> {
  const child = spawn(process.execPath, [SCRIPT, backend, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return [code, ...output.trim().split('\n')];
}

await onEveryBackend('A process', (test) => {
  test('ends though sockets, listeners, pipes and watches are open that nobody waits for', async ({ backend }) => {
    const cases = [
      'a socket',
      'a socket that many waited for',
      'a listener',
      'a pipe',
      'a watch',
      'a descriptor that was closed too early',
    ];
    assert.equal(await endOf(backend, 'idle'), [0, ...cases]);
  });

  test('ends though unreferenced objects wait', async ({ backend }) => {
    const cases = [
      'a read',
      'a write',
      'a write that was not',
      'an accept',
      'a watch',
      'sleeps that are over at once',
      'a datagram',
    ];
    assert.equal(await endOf(backend, 'unreferenced'), [0, ...cases]);
  });

  test('is kept alive by calls that wait', async ({ backend }) => {
    const cases = ['a read', 'a write', 'an accept', 'a datagram', 'a read of a pipe', 'a watch'];
    assert.equal(await endOf(backend, 'under way'), [0, ...cases]);
  });
});
