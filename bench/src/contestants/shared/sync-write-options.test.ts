import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCK_SIZE } from '../../block-file.js';
import { Writer } from './sync-write-options.js';

const BLOCKS = 4;

/** Lets a writer write so many blocks, and something happen to its file after that. How many are wrong then. */
function wrongAfter(count: number, happens: (path: string, bytes: Buffer) => void): number {
  const folder = temporaryDirectory();
  const path = join(folder, 'blocks');
  const file = Buffer.alloc(BLOCKS * BLOCK_SIZE);
  const writer = new Writer(path, BLOCKS);
  for (let i = 0; i < count; i += 1) {
    const block = Buffer.alloc(BLOCK_SIZE);
    file.set(block, writer.fill(block));
  }
  writeFileSync(path, file);
  happens(path, readFileSync(path));
  return writer.countWrong();
}

/** Has another byte stand somewhere. */
const change = (at: number) => (path: string, bytes: Buffer) => {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
};

test('what was written last into each block is right', () => {
  for (const count of [1, BLOCKS, BLOCKS + 1, 3 * BLOCKS])
    assert.is(
      wrongAfter(count, () => {}),
      0,
    );
});

test('a block that holds another byte, or was cut off, is wrong', () => {
  for (const at of [0, 1000, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCKS * BLOCK_SIZE - 1]) {
    assert.is(wrongAfter(BLOCKS, change(at)), 1, `byte ${at}`);
  }
  assert.is(
    wrongAfter(BLOCKS, (path) => truncateSync(path, BLOCK_SIZE + 1)),
    BLOCKS - 1,
  );
});

test('a block that holds what was written into it before is wrong', () => {
  let before: Buffer = Buffer.alloc(0);
  wrongAfter(BLOCKS, (_, bytes) => {
    before = bytes;
  });
  assert.is(
    wrongAfter(BLOCKS + 1, (path) => writeFileSync(path, before)),
    1,
  );
});

test('a block that nobody has written is not looked at', () => {
  assert.is(wrongAfter(2, change(2 * BLOCK_SIZE)), 0);
});

test.run();
