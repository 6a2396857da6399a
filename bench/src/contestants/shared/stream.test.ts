import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Stream } from './stream.js';

/** How many of some pieces are found wrong. */
function wrongOf(pieces: readonly Buffer[], wholeEvery?: number): number {
  const stream = new Stream(wholeEvery);
  for (const piece of pieces) stream.compare(piece);
  return stream.wrong;
}

/** Pieces of a stream, each a copy. */
function piecesOf(...lengths: number[]): Buffer[] {
  const stream = new Stream();
  return lengths.map((length) => Buffer.from(stream.take(length)));
}

test('what comes in other pieces is right, however long it goes on', () => {
  const whole = Buffer.concat(piecesOf(...new Array(10).fill(65_536)));
  const pieces = Array.from({ length: 32 }, (_, index) => whole.subarray(index * 20_480, (index + 1) * 20_480));
  assert.is(wrongOf(pieces), 0);
  assert.is(wrongOf(pieces, 64), 0);
});

test('a piece that is lost, doubled or changed is wrong', () => {
  const [first, second, third] = piecesOf(1000, 1000, 1000) as [Buffer, Buffer, Buffer];
  assert.is(wrongOf([first, third]), 1);
  assert.is(wrongOf([first, first, second]), 2);
  second.writeUInt8(second.readUInt8(500) ^ 1, 500);
  assert.is(wrongOf([first, second, third]), 1);
});

test('of some pieces the ends are compared only, and one byte by byte', () => {
  const pieces = piecesOf(...new Array(64).fill(1000));
  for (const piece of pieces) piece.writeUInt8(piece.readUInt8(500) ^ 1, 500);
  assert.is(wrongOf(pieces, 64), 1);
  for (const at of [0, 999]) {
    const ends = piecesOf(...new Array(63).fill(1000));
    for (const piece of ends) piece.writeUInt8(piece.readUInt8(at) ^ 1, at);
    assert.is(wrongOf(ends, 64), 63);
  }
});

test.run();
