import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const CLI = fileURLToPath(new URL('cli.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const test = suite('the command static-server');

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

test('whoever runs it chooses the backend, where no option does', async () => {
  const server = startWith({ POLYRING_BACKEND: 'epoll' }, '--port', '0');
  await once(server.child.stdout, 'data');
  server.child.kill('SIGTERM');
  const { code, output } = await server.ended;
  assert.is(code, 0);
  assert.match(output, / by epoll\n$/);
});

test('a root that is none, and wrong usage, are said in one line', async () => {
  for (const [root, refusal] of [
    ['/does/not/exist', /^static-server: ENOENT: .*\n$/],
    [CLI, /^static-server: ENOTDIR: .*\n$/],
  ] as const) {
    const none = await start('--port', '0', '--root', root).ended;
    assert.is(none.code, 1);
    assert.match(none.output, refusal);
  }
  const wrong = await start('--port', 'x').ended;
  assert.is(wrong.code, 2);
  assert.match(wrong.output, /^static-server: .*from 0 to 65535\.\n$/);
  const help = await start('--help').ended;
  assert.is(help.code, 0);
  for (const option of ['--port', '--host', '--root', '--backend', '--quiet', '--help'])
    assert.match(help.output, option);
});

// curl is Debian's package of that name.
(has('curl') ? test : test.skip)('the commands of the README do what it shows', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = [...readme.matchAll(/```console\n\$ (.*)\n([^`]*)```/g)].map(([, command, output]) => [
    command,
    output,
  ]);
  const [[serve, printed], [ask, answer]] = shown as [[string, string], [string, string]];
  assert.match(serve, / --port 8080 /);
  // A group of its own is interrupted as a whole, as a terminal does it.
  const server = spawn('sh', ['-c', serve.replace('8080', '0')], { cwd: ROOT, detached: true });
  const output = text(server.stdout);
  const started = await new Promise<string>((resolve) => server.stdout.once('data', (data) => resolve(String(data))));
  const port = /:(\d+)\/ by/.exec(started)?.[1] as string;
  try {
    assert.is(execFileSync('sh', ['-c', ask.replace('8080', port)], { encoding: 'utf8' }), answer);
  } finally {
    process.kill(-(server.pid as number), 'SIGINT');
  }
  assert.is(anyBackend((await output).replace(port, '8080')), anyBackend(printed));
});

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}

function anyBackend(output: string): string {
  return output.replace(/ by \w+$/m, ' by any');
}

test.run();
