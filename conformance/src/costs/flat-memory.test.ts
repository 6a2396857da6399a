// timeout: 300
import { uringBackend } from '@polyring/backend-uring';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedHere } from '../refused.js';
import type { MemoryRun } from './children/flat-memory.js';
import { runChild } from './run-child.js';

const URING = import.meta.resolve('@polyring/backend-uring');
const MEMORY_GROWTH = 16 * 1024 * 1024;
const MIB = 1024 * 1024;

const refused = refusedHere(uringBackend);

for (const [kind, count] of [
  ['nops', 1_000_000],
  ['reads', 200_000],
] as const) {
  if (refused) break;
  test(`${count} ${kind} on the ring: each completes with what it should, and the memory stays flat`, async () => {
    const { correct, mark, end } = await runChild<MemoryRun>('flat-memory', URING, kind, String(count));
    console.log(`  ${kind}: ${(mark / MIB).toFixed(1)} MiB at a fifth, ${(end / MIB).toFixed(1)} MiB at the end`);
    assert.is(correct, count);
    assert.ok(end <= mark + MEMORY_GROWTH, `resident memory grew from ${mark} to ${end} bytes`);
  });
}

test.run();
