import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const CLI = fileURLToPath(new URL('cli.js', import.meta.url));

const test = suite('the command redis-lite');

function start(...args: string[]) {
  return startWith({}, ...args);
}

function startWith(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { child, ended, output: () => output };
}

test('it listens where it is told to, answers, and cleans up when it is interrupted', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyring-test-'));
  const unix = path.join(folder, 'redis');
  try {
    const server = start('--unix', unix, '--backend', 'epoll');
    await once(server.child.stdout, 'data');
    assert.is(server.output(), `redis-lite listens on ${unix} by epoll\n`);
    const client = connect(unix);
    client.write('PING\r\n');
    const [reply] = await once(client, 'data');
    assert.is(String(reply), '+PONG\r\n');
    server.child.kill('SIGINT');
    assert.equal(await server.ended, { code: 0, signal: null, output: server.output() });
    client.destroy();
    assert.not(existsSync(unix));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('whoever runs it chooses the backend, where no option does', async () => {
  const server = startWith({ POLYRING_BACKEND: 'epoll' }, '--port', '0');
  await once(server.child.stdout, 'data');
  server.child.kill('SIGTERM');
  const { code, output } = await server.ended;
  assert.is(code, 0);
  assert.match(output, / by epoll\n$/);
});

test('a port that is taken, and wrong usage, are said in one line', async () => {
  const first = start('--port', '0');
  await once(first.child.stdout, 'data');
  const port = /:(\d+) by/.exec(first.output())?.[1] ?? '';
  const second = await start('--port', port).ended;
  assert.is(second.code, 1);
  assert.match(second.output, /^redis-lite: EADDRINUSE: .*\n$/);
  first.child.kill('SIGTERM');
  assert.is((await first.ended).code, 0);
  const wrong = await start('--port', '70000').ended;
  assert.is(wrong.code, 2);
  assert.match(wrong.output, /^redis-lite: .*70000.*from 0 to 65535\.\n$/);
  const help = await start('--help').ended;
  assert.is(help.code, 0);
  for (const option of ['--port', '--host', '--unix', '--backend', '--help']) assert.match(help.output, option);
});

test.run();
