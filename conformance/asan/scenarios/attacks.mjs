import assert from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

/**
 * What an attack may need besides the buffer.
 *
 * @typedef {object} Tools
 * @property {import('@polyring/core').DriverMemory} [memory] What the buffer is part of.
 * @property {(buffer: ArrayBufferLike) => boolean} detach Detaches through Node-API. False if Node-API refused.
 */

/**
 * A way to take memory away from an operation in flight.
 *
 * @typedef {object} Attack
 * @property {(buffer: any, tools: Tools) => any} run Takes a buffer that `make` made; returns the one that has its memory
 * now, if one has.
 * @property {(size: number) => ArrayBufferLike} [make] Makes the buffers that it can take. Default ArrayBuffers.
 * @property {boolean} [takesBytes] Whether the buffer has no room for its bytes any more, so that a read rejects.
 * @property {boolean} [lent] Whether it goes for memory of the driver's pool.
 * @property {boolean} [drops] Whether what it has taken is dropped, so that V8 frees it.
 * @property {boolean} [forgets] Whether nobody holds the buffer any more.
 * @property {boolean} [forgetsPromises] Whether nobody holds the promises either.
 * @property {(driver: import('@polyring/core').Driver, size: number) => Uint8Array[]} [after] Gets memory after it.
 * @property {number} [since] The first major version of Node.js that has it.
 */

const structuredCloneTransfer = (buffer) => structuredClone(buffer, { transfer: [buffer] });

const postMessage = (buffer) => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(buffer, [buffer]);
  const { message } = receiveMessageOnPort(port2);
  port1.close();
  return message;
};

/** The memory stays where it is whatever the attack does: it throws, or it copies. All loans share one buffer or a few. */
function holdsAgainst(run) {
  const attacked = new Set();
  return {
    lent: true,
    run: (buffer, tools) => {
      if (attacked.has(buffer)) return;
      attacked.add(buffer);
      const { byteLength } = buffer;
      try {
        run(buffer, tools);
      } catch (error) {
        assert.match(`${error.name} ${error.code}`, /DataCloneError|TypeError|ERR_INVALID_STATE/);
      }
      assert.equal(buffer.byteLength, byteLength, 'memory of the pool was detached');
    },
  };
}

/** @type {Record<string, Attack>} */
export const ATTACKS = {
  'no attack': { run: () => undefined },
  structuredClone: { takesBytes: true, run: structuredCloneTransfer },
  'structuredClone, clone dropped': { takesBytes: true, drops: true, run: structuredCloneTransfer },
  'transfer()': { takesBytes: true, since: 22, run: (buffer) => buffer.transfer() },
  'transfer(longer)': {
    takesBytes: true,
    since: 22,
    drops: true,
    run: (buffer) => buffer.transfer(3 * buffer.byteLength),
  },
  'transfer(shorter)': { takesBytes: true, since: 22, drops: true, run: (buffer) => buffer.transfer(1) },
  postMessage: { takesBytes: true, run: postMessage },
  'postMessage, message dropped': { takesBytes: true, drops: true, run: postMessage },
  "another addon's detach": {
    takesBytes: true,
    run: (buffer, { detach }) => {
      assert.ok(detach(buffer));
    },
  },
  shrinking: {
    takesBytes: true,
    make: (size) => new ArrayBuffer(size, { maxByteLength: 2 * size }),
    run: (buffer) => buffer.resize(1),
  },
  growing: {
    make: (size) => new ArrayBuffer(size, { maxByteLength: 2 * size }),
    run: (buffer) => buffer.resize(2 * buffer.byteLength),
  },
  'WebAssembly memory that grows': {
    takesBytes: true,
    make: (size) => wasmMemory(size).buffer,
    run: (buffer) => {
      memories.get(buffer).grow(1);
    },
  },
  SharedArrayBuffer: { make: (size) => new SharedArrayBuffer(size), run: () => undefined },
  'growing SharedArrayBuffer': {
    make: (size) => new SharedArrayBuffer(size, { maxByteLength: 2 * size }),
    run: (buffer) => buffer.grow(2 * buffer.byteLength),
  },
  dropped: { forgets: true, run: () => undefined },
  'dropped, promises too': { forgets: true, forgetsPromises: true, run: () => undefined },
  'lent: structuredClone': holdsAgainst(structuredCloneTransfer),
  'lent: transfer()': { ...holdsAgainst((buffer) => buffer.transfer()), since: 22 },
  'lent: transfer(longer)': { ...holdsAgainst((buffer) => buffer.transfer(3 * buffer.byteLength)), since: 22 },
  'lent: postMessage': holdsAgainst(postMessage),
  "lent: another addon's detach": holdsAgainst((buffer, { detach }) => detach(buffer)),
  'lent: dropped': { lent: true, forgets: true, run: () => undefined },
  'lent: released and lent again': {
    lent: true,
    run: (_buffer, { memory }) => memory.release(),
    after: (driver, size) => Array.from({ length: 200 }, () => driver.allocate(size).bytes),
  },
};

const memories = new WeakMap();

function wasmMemory(size) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / 65_536), maximum: 4 });
  memories.set(memory.buffer, memory);
  return memory;
}
