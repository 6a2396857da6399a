import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bufferOf, byteLengthOf, byteOffsetOf } from './view.js';

/** Calls after which the engine has compiled what is called. */
const MANY = 300_000;

function detach(view: ArrayBufferView): void {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
}

test('views of all kinds tell their bytes', () => {
  const { buffer } = new Uint8Array(64);
  assert.equal(
    [new Uint8Array(buffer, 8), Buffer.from(buffer, 0, 5), new Uint32Array(buffer, 4, 2), new DataView(buffer, 60)].map(
      byteLengthOf,
    ),
    [56, 5, 8, 4],
  );
});

test('a view whose buffer was detached has none, also where views of resizable buffers were met', () => {
  // ES2024: @types/node 20 does not know resizable buffers.
  const resizable = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]) as ArrayBuffer;
  const met = [
    new Uint8Array(16),
    Buffer.alloc(64),
    new Uint8Array(resizable),
    new Uint8Array(new SharedArrayBuffer(8)),
  ];
  for (let call = 0; call < MANY; call += 1) byteLengthOf(met[call % met.length] as Uint8Array);
  for (const view of [new Uint8Array(8), new DataView(new ArrayBuffer(8)), new Uint32Array(2)]) {
    assert.is(byteLengthOf(view), 8);
    detach(view);
    assert.is(byteLengthOf(view), 0);
  }
});

test('a class of its own does not tell another length', () => {
  const view = Object.defineProperty(new Uint8Array(4096), 'length', { value: 64 });
  assert.is(byteLengthOf(view), 4096);
});

test('a class of its own does not tell another place', () => {
  const memory = new ArrayBuffer(64);
  for (const view of [new Uint32Array(memory, 8, 2), new Uint8Array(memory, 8, 8), new DataView(memory, 8, 8)]) {
    const lies = { buffer: { value: new ArrayBuffer(4) }, byteOffset: { value: '0' }, byteLength: { value: 4096 } };
    Object.defineProperties(view, lies);
    assert.is(bufferOf(view), memory);
    assert.is(byteOffsetOf(view), 8);
    assert.is(byteLengthOf(view), 8);
  }
});

test.run();
