import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { copyFile } from './copy.js';
import type { FileIo } from './file-io.js';
import { GuardedIo } from './guarded-io.js';

const CHUNK = 4;

/** A file that had two bytes when its first chunk was read, and has four chunks when the others are. */
function growing(turn: () => Promise<void>): GuardedIo {
  const grown = Buffer.alloc(4 * CHUNK, 'x');
  const read = async (buffer: Uint8Array, position: number): Promise<number> => {
    if (position < CHUNK) await turn();
    const content = position < CHUNK ? grown.subarray(0, 2) : grown;
    const piece = content.subarray(position, position + buffer.length);
    buffer.set(piece);
    return piece.length;
  };
  return new GuardedIo({ seekable: true, read } as unknown as FileIo);
}

/** A target that remembers where bytes were written. */
function remembering(): { file: GuardedIo; written: Map<number, number> } {
  const written = new Map<number, number>();
  const write = async (buffer: Uint8Array, position: number): Promise<number> => {
    written.set(position, buffer.length);
    return buffer.length;
  };
  return { file: new GuardedIo({ seekable: true, write } as unknown as FileIo), written };
}

await onEveryBackend('A copy of a file that grows meanwhile', (test) => {
  const turns = { first: async () => {}, last: () => new Promise<void>(setImmediate) };
  for (const [order, turn] of Object.entries(turns)) {
    test(`ends where its short chunk does, which is read ${order}`, async ({ driver }) => {
      const { file, written } = remembering();
      const options = { chunkSize: CHUNK };
      assert.is(await copyFile(driver, growing(turn), { file, appends: false }, options, undefined), 2);
      assert.equal([...written], [[0, 2]]);
    });
  }
});
