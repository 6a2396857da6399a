// control.mjs <control>: what an unsafe binding does. A witness that sees nothing here proves nothing elsewhere.
import assert from 'node:assert/strict';
import {
  isMainThread,
  MessageChannel,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { pipe2, write } from '@polyring/sys';
import { collectGarbage, detach, markHeld, say, UnsafeRing } from './instruments.mjs';

const COUNT = 100;
const SIZE = 20_000;
const LATE = Buffer.from('late');

/**
 * A way to do without custody.
 *
 * @typedef {object} Control
 * @property {(load: Awaited<ReturnType<typeof hold>> | undefined) => Promise<void>} attack
 * @property {(size: number) => ArrayBufferLike} [make] Makes the buffers. Default ArrayBuffers.
 * @property {boolean} [keeps] Whether the binding holds references on them. It does by default.
 * @property {string} [ending] How the worker ends that has them. Default is no worker.
 */

/** @type {Record<string, Control>} */
const CONTROLS = {
  'a reference alone, structuredClone': detaching((buffer) => structuredClone(buffer, { transfer: [buffer] })),
  'a reference alone, transfer()': detaching((buffer) => buffer.transfer()),
  'a reference alone, transfer(longer)': detaching((buffer) => buffer.transfer(3 * buffer.byteLength)),
  'a reference alone, transfer(shorter)': detaching((buffer) => buffer.transfer(1)),
  'a reference alone, postMessage': detaching((buffer) => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(buffer, [buffer]);
    receiveMessageOnPort(port2);
    port1.close();
  }),
  "a reference alone, another addon's detach": detaching((buffer) => assert.ok(detach(buffer))),
  'a reference alone, shrinking': {
    make: (size) => new ArrayBuffer(size, { maxByteLength: size }),
    attack: (load) => taken(load, (buffer) => buffer.resize(0)),
  },
  'no reference, dropped': { keeps: false, ...detaching(() => {}) },
  'no reference, SharedArrayBuffer dropped': {
    keeps: false,
    make: (size) => new SharedArrayBuffer(size),
    ...detaching(() => {}),
  },
  'no clean-up hook, ArrayBuffers': { ending: 'terminate', attack: ended },
  'no clean-up hook, ArrayBuffers, returning': { ending: 'return', attack: ended },
  'no clean-up hook, ArrayBuffers, throwing': { ending: 'throw', attack: ended },
  'no clean-up hook, WebAssembly memory': { make: wasmMemory, ending: 'terminate', attack: ended },
  'closing without waiting': {
    attack: async ({ ring }) => ring.close(),
  },
  'one block for two operations': {
    attack: async ({ ring, buffers, pipes }) => {
      ring.read(pipes[1][0], new Uint8Array(buffers[0]), true);
    },
  },
};

const control = isMainThread ? process.argv[2] : workerData;
const { make = (size) => new ArrayBuffer(size), keeps = true, ending, attack } = CONTROLS[control];

if (isMainThread) {
  await attack(ending === undefined ? await hold() : undefined);
  say('ended');
} else {
  globalThis.load = await hold();
  parentPort.once('message', () => {
    if (ending === 'throw') throw new Error('the control throws');
  });
  parentPort.postMessage('ready');
}

/** Has the kernel hold reads into JavaScript's buffers. */
async function hold() {
  const ring = new UnsafeRing();
  const pipes = Array.from({ length: COUNT }, () => pipe2());
  const buffers = pipes.map(() => make(SIZE));
  for (const [index, [fd]] of pipes.entries()) assert.equal(ring.read(fd, new Uint8Array(buffers[index]), keeps), 1);
  await markHeld(COUNT);
  return { ring, pipes, buffers };
}

/** The control whose buffers are detached, and written to by the kernel after that. */
function detaching(detachOne) {
  return {
    attack: async (load) => {
      const results = await taken(load, detachOne);
      assert.ok(
        results.every((result) => result > 0),
        'the kernel wrote nothing',
      );
    },
  };
}

async function taken({ ring, pipes, buffers }, take) {
  for (const buffer of buffers.splice(0)) take(buffer);
  await collectGarbage();
  for (const [, fd] of pipes) write(fd, LATE);
  const results = ring.reap();
  assert.equal(results.length, COUNT);
  return results;
}

async function ended() {
  const worker = new Worker(new URL(import.meta.url), { workerData: control });
  worker.on('error', (error) => assert.equal(error.message, 'the control throws'));
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  if (ending === 'terminate') worker.terminate();
  else worker.postMessage('end');
  await exit;
}

function wasmMemory(size) {
  const pages = Math.ceil(size / 65_536);
  return new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
}
