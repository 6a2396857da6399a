import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const CLI = fileURLToPath(new URL('cli.js', import.meta.url));

const test = suite('the command static-server');

function start(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return { child, ended, output: () => output };
}

test('it serves where it is told to, and ends cleanly when it is interrupted with a client connected', async () => {
  const server = start('--port', '0', '--root', fileURLToPath(new URL('.', import.meta.url)), '--backend', 'epoll');
  await once(server.child.stdout, 'data');
  const port = Number(/:(\d+)\/ by epoll/.exec(server.output())?.[1]);
  const client = connect(port, '127.0.0.1');
  client.write('HEAD /cli.js HTTP/1.0\r\n\r\n');
  assert.match(await text(client), /^HTTP\/1\.0 200 OK\r\n.*javascript/s);
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  server.child.kill('SIGINT');
  const { code, signal, output } = await server.ended;
  assert.equal([code, signal], [0, null]);
  assert.match(output, '200 HEAD /cli.js 0');
  idle.destroy();
});

test('a root that is none, and wrong usage, are said in one line', async () => {
  const none = await start('--port', '0', '--root', '/does/not/exist').ended;
  assert.is(none.code, 1);
  assert.match(none.output, /^static-server: ENOENT: .*\n$/);
  const wrong = await start('--port', 'x').ended;
  assert.is(wrong.code, 2);
  assert.match(wrong.output, /^static-server: .*from 0 to 65535\.\n$/);
  const help = await start('--help').ended;
  assert.is(help.code, 0);
  for (const option of ['--port', '--host', '--root', '--backend', '--quiet', '--help'])
    assert.match(help.output, option);
});

test.run();
