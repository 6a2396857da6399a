import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { compileIoUringDenial } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Child } from '../processes/child.js';
import { compiled } from '../processes/native.js';

const compiler = process.env.CC ?? 'cc';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;
const load = suite('echo-load');
const loadTest = hasCompiler ? load : load.skip;
if (!hasCompiler) console.log('skipped: the load generator, without a compiler of C');

/** Lets the generator drive the server in C, by way of a launcher. */
async function drive(...launcher: string[]) {
  const server = new Child(compiled('echo-epoll'), [], { milliseconds: 50 });
  try {
    const { port } = await server.answer<{ port: number }>();
    return await driveAt(port, ...launcher);
  } finally {
    await server.close();
  }
}

async function driveAt(port: number, ...launcher: string[]) {
  const [command, ...args] = [...launcher, compiled('echo-load'), String(port), '3', '50'];
  const generator = new Child(command as string, args, { milliseconds: 50 });
  try {
    await generator.answer();
    generator.ask('measure');
    return await generator.answer<{ all: number; errors: number; quantiles: number[] }>();
  } finally {
    await generator.close();
  }
}

loadTest('it drives a server, on a ring where it may have one', async () => {
  const { all, errors, quantiles } = await drive();
  assert.ok(all > 0);
  assert.is(errors, 0);
  assert.is(quantiles.length, 10);
});

loadTest('without a ring it drives a server on epoll', async () => {
  const { all, errors, quantiles } = await drive(compileIoUringDenial());
  assert.ok(all > 0);
  assert.is(errors, 0);
  assert.is(quantiles.length, 10);
});

for (const [what, answer] of [
  [
    'a byte that is another',
    (socket, bytes) => {
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      socket.write(bytes);
    },
  ],
  ['a byte too many', (socket, bytes) => socket.write(Buffer.concat([bytes, bytes.subarray(0, 1)]))],
  ['a byte too few', (socket, bytes) => socket.write(bytes.subarray(1))],
  ['the end of a connection', (socket) => socket.end()],
] satisfies [what: string, answer: (socket: Socket, bytes: Buffer) => void][]) {
  loadTest(`${what} is an error`, async () => {
    const server = createServer((socket) =>
      socket.on('data', (bytes: Buffer) => answer(socket, bytes)).on('error', () => {}),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      assert.ok((await driveAt((server.address() as AddressInfo).port)).errors > 0);
    } finally {
      server.close();
    }
  });
}

load.run();
