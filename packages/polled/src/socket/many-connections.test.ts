// timeout: 300
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GridContext, onEveryBackend } from '../grid.test-support.js';

const CONNECTIONS = 10_000;
/** The example hands all of its descriptors to poll(2) for each event: ten thousand of them would take it minutes. */
const FEWER = new Map([['poll', 1000]]);
/** What a process has open besides them. */
const OTHERS = 200;
const SCRIPT = fileURLToPath(new URL('many-connections.test-support.js', import.meta.url));

/** The most descriptors that a process of this user may have. */
function hardLimit(): number {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' ? Infinity : Number(limit);
}

/** A process that may have enough descriptors. */
function start(...args: (string | number)[]): ChildProcess {
  const raise = `ulimit -n ${CONNECTIONS + OTHERS} && exec "$0" "$@"`;
  return spawn('sh', ['-c', raise, process.execPath, SCRIPT, ...args.map(String)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function message(child: ChildProcess): Promise<Record<string, number>> {
  // Behind its last message, which the end of the process is not.
  const gone = once(child, 'disconnect').then(() => {
    throw new Error('The process ended without a word.');
  });
  gone.catch(() => {});
  const [answer] = await Promise.race([once(child, 'message'), gone]);
  return answer;
}

function define(test: Test<GridContext>): void {
  const run = hardLimit() >= CONNECTIONS + OTHERS ? test : test.skip;
  if (run === test.skip) console.log(`skipped: this user may have no more than ${hardLimit()} descriptors`);
  run('are open at once, one in ten talks, and none is left after all are dropped', async ({ backend }) => {
    const connections = FEWER.get(backend) ?? CONNECTIONS;
    const server = start('server', backend, connections);
    const { port = 0 } = await message(server);
    const all = message(server);
    const client = start('client', backend, connections, port);
    const talked = message(client);
    assert.ok(((await all).open ?? 0) >= connections);
    assert.equal(await talked, { talked: connections / 2 });
    const left = [message(server), message(client)];
    const ends = [once(server, 'exit'), once(client, 'exit')];
    server.send('drop');
    assert.equal(await Promise.all(left), [{ left: 0 }, { left: 0 }]);
    for (const end of ends) assert.is((await end)[0], 0);
  });
}

await onEveryBackend('Connections, 10,000 of them', define);
