import { spawnSync } from 'node:child_process';
import { IORING_OP_MSG_RING, IORING_OP_POLL_ADD, IORING_OP_SEND_ZC, msgRing, PollEvents } from '@polyring/core';
import { accept4, bind, close, connect, getsockname, listen, pipe2, socket } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { IORING_ENTER_GETEVENTS, SQE_WORDS } from './abi.js';
import { loadBinding, type NativeRing } from './binding.js';

const PRELUDE = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { loadBinding } from ${JSON.stringify(new URL('binding.js', import.meta.url).href)};
  const { Ring } = loadBinding();
`;

function run(body: string): { status: number | null; stdout: string; stderr: string } {
  const args = ['--expose-gc', '--input-type=module', '-e', PRELUDE + body];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
}

test('a ring that is made calls no setter that prototypes have', () => {
  const { status, stdout, stderr } = run(`
    let calls = 0;
    const names = Object.keys(new Ring(1, 2, 0));
    const set = function () {
      calls += 1;
      this.close();
    };
    for (const name of names) Object.defineProperty(Object.prototype, name, { configurable: true, set });
    const { fd, rings } = new Ring(1, 2, 0);
    for (const name of names) delete Object.prototype[name];
    console.log(calls, fd >= 0, rings.byteLength > 0);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, '0 true true\n');
});

test('a ring that nobody has any more says so to those who share a word with it', () => {
  const { status, stdout, stderr } = run(`
    const word = Int32Array.of(7);
    (() => new Ring(1, 2, 0).share(word))();
    for (let turns = 0; turns < 100 && word[0] !== 0; turns += 1) {
      gc();
      await turn();
    }
    console.log(word[0]);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, '0\n');
});

/** Submits an SQE whose words are given by their numbers; the others are 0. */
function submit(ring: NativeRing, words: Readonly<Record<number, number>>): void {
  const rings = new Int32Array(ring.rings);
  const tail = rings[ring.sqTail / 4] as number;
  const at = (tail & (ring.sqEntries - 1)) * SQE_WORDS;
  new Int32Array(ring.sqes).fill(0, at, at + SQE_WORDS).set(Object.assign(new Array(SQE_WORDS).fill(0), words), at);
  rings[ring.sqTail / 4] = tail + 1;
  assert.is(ring.enter(1, 0, 0), 1);
}

test('a message of another ring is not taken for the end of an operation', () => {
  const { Ring } = loadBinding();
  const [ring, other] = [new Ring(1, 2, 0), new Ring(1, 2, 0)];
  const [reader, writer] = pipe2();
  submit(ring, { 0: IORING_OP_POLL_ADD, 1: reader, 7: PollEvents.IN });
  const message = msgRing(ring.fd, 0);
  submit(other, { 0: IORING_OP_MSG_RING, 1: ring.fd, 2: message.off, 6: message.len });
  assert.is(ring.settled(), false);
  assert.is(ring.abandon(), true);
  for (const made of [ring, other]) made.close();
  for (const fd of [reader, writer]) close(fd);
});

test('a ring with room for one completion lets go of all that it holds', () => {
  const ring = new (loadBinding().Ring)(1, 1, 0);
  const [reader, writer] = pipe2();
  for (let count = 0; count < 100; count += 1) submit(ring, { 0: IORING_OP_POLL_ADD, 1: reader, 7: PollEvents.IN });
  assert.is(ring.abandon(), true);
  ring.close();
  for (const fd of [reader, writer]) close(fd);
});

testWith(
  test,
  ['sendZc'],
  'a send without a copy is over with its notification, however long ago one before it in its slot failed',
  () => {
    const { Ring, addressOf } = loadBinding();
    const ring = new Ring(1, 2, 0);
    const listener = socket('ipv4', 'stream');
    bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
    listen(listener);
    const client = socket('ipv4', 'stream', { nonblock: false });
    connect(client, getsockname(listener));
    const server = accept4(listener);
    const address = addressOf(ring.mapMemory(4096) as ArrayBuffer);
    const failed = 5;
    ring.expectStray(0, failed);
    const generation = failed + 2 ** 28 + 1;
    submit(ring, { 0: IORING_OP_SEND_ZC, 1: client, 4: address, 5: address / 2 ** 32, 6: 1, 9: generation });
    assert.is(ring.enter(0, 2, IORING_ENTER_GETEVENTS), 0, 'its result and its notification have come');
    assert.is(ring.settled(), true);
    ring.close();
    for (const fd of [listener, client, server]) close(fd);
  },
);

runWhereGranted(test);
