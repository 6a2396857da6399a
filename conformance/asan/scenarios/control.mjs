// control.mjs <control>: what an unsafe binding does. A witness that sees nothing here proves nothing elsewhere.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { pipe2, write } from '@polyring/sys';
import { collectGarbage, markHeld, say, UnsafeRing } from './instruments.mjs';

const COUNT = 100;
const SIZE = 20_000;
const LATE = Buffer.from('late');

/** @type {Record<string, { make?: (size: number) => ArrayBuffer, attack: (load: Awaited<ReturnType<typeof hold>>) => Promise<void> }>} */
const CONTROLS = {
  'a reference alone, structuredClone': {
    attack: (load) => detached(load, (buffer) => structuredClone(buffer, { transfer: [buffer] })),
  },
  'a reference alone, transfer(longer)': {
    attack: (load) => detached(load, (buffer) => buffer.transfer(3 * buffer.byteLength)),
  },
  'no clean-up hook, ArrayBuffers': { attack: terminated },
  'no clean-up hook, WebAssembly memory': { make: wasmMemory, attack: terminated },
  'closing without waiting': {
    attack: async ({ ring }) => ring.close(),
  },
  'one block for two operations': {
    attack: async ({ ring, buffers, pipes }) => {
      ring.read(pipes[1][0], new Uint8Array(buffers[0]));
    },
  },
};

const control = isMainThread ? process.argv[2] : workerData;
const { make = (size) => new ArrayBuffer(size), attack } = CONTROLS[control];

if (isMainThread) {
  await attack(attack === terminated ? undefined : await hold());
  say('ended');
} else {
  globalThis.load = await hold();
  parentPort.on('message', () => {});
  parentPort.postMessage('ready');
}

/** Has the kernel hold reads into JavaScript's buffers. */
async function hold() {
  const ring = new UnsafeRing();
  const pipes = Array.from({ length: COUNT }, () => pipe2());
  const buffers = pipes.map(() => make(SIZE));
  for (const [index, [fd]] of pipes.entries()) assert.equal(ring.read(fd, new Uint8Array(buffers[index])), 1);
  await markHeld(COUNT);
  return { ring, pipes, buffers };
}

async function detached({ ring, pipes, buffers }, detach) {
  for (const buffer of buffers.splice(0)) detach(buffer);
  await collectGarbage();
  for (const [, fd] of pipes) write(fd, LATE);
  const results = ring.reap();
  assert.equal(results.length, COUNT);
  assert.ok(
    results.every((result) => result > 0),
    'the kernel wrote nothing',
  );
}

async function terminated() {
  const worker = new Worker(new URL(import.meta.url), { workerData: control });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
}

function wasmMemory(size) {
  const pages = Math.ceil(size / 65_536);
  return new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
}
