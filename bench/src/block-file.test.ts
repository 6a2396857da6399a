import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCK_SIZE, BlockBuffer, BlockChecker, makeBlockFile } from './block-file.js';

test('where there is no room, it is said how much is needed and who chooses the place', () => {
  assert.throws(() => makeBlockFile('/dev/full', 512), /^\/dev needs .* 2 MiB; TMPDIR .*: ENOSPC/);
});

/** Room for a block that holds what belongs into it. */
function soundBlock(block: number): BlockBuffer {
  const buffer = new BlockBuffer(Buffer.alloc(BLOCK_SIZE));
  buffer.fill(block);
  return buffer;
}

/** How many of 256 reads, which all gave the same, are found wrong. */
function wrongOf(buffer: BlockBuffer, length = BLOCK_SIZE, block = 7): number {
  const checker = new BlockChecker();
  for (let i = 0; i < 256; i += 1) checker.check(buffer, length, block);
  return checker.wrong;
}

test('a read is wrong by its length, its first or its last word, or that it is of another block', () => {
  const sound = soundBlock(7);
  assert.is(wrongOf(sound), 0);
  assert.is(wrongOf(sound, BLOCK_SIZE - 1), 256);
  assert.is(wrongOf(sound, BLOCK_SIZE, 8), 256);
  for (const word of [0, BLOCK_SIZE / 4 - 1]) {
    const wrong = soundBlock(7);
    wrong.words[word] = 0;
    assert.is(wrongOf(wrong), 256, `word ${word}`);
  }
});

test('of 256 reads one is compared byte by byte', () => {
  for (const byte of [4, BLOCK_SIZE / 2, BLOCK_SIZE - 5]) {
    const wrong = soundBlock(7);
    wrong.bytes[byte] = 255;
    assert.is(wrongOf(wrong), 1, `byte ${byte}`);
  }
});

test.run();
