import { join } from 'node:path';
import { ROOT } from '../places.js';
import { Countdown, metered } from './meter.js';
import { answer, told } from './serve.js';

// Operations that do nothing, by a loop that writes SQEs and reads CQEs and does nothing else: no entry, no promise,
// no slot, no memory. It is what the ring gives to JavaScript, and so the limit for a driver.

/** As much of the addon as is used. */
interface NativeRing {
  readonly sqEntries: number;
  readonly cqEntries: number;
  readonly sqHead: number;
  readonly sqTail: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly cqes: number;
  readonly rings: ArrayBuffer;
  readonly sqes: ArrayBuffer;
  enter(toSubmit: number, minComplete: number, flags: number): number;
}
interface Internals {
  loadBinding(): { readonly Ring: new (entries: number, completionEntries: number, flags: number) => NativeRing };
}

const NOP = 0;
const SQE_WORDS = 16;
const CQE_WORDS = 4;
const COOP_TASKRUN_AND_SINGLE_ISSUER = (1 << 8) | (1 << 12);

const { depth, milliseconds } = told<{ depth: number }>();
const { loadBinding } = (await import(join(ROOT, 'packages/backend-uring/dist/binding.js'))) as Internals;
const ring = new (loadBinding().Ring)(1024, 2048, COOP_TASKRUN_AND_SINGLE_ISSUER);
const words = new Int32Array(ring.rings);
const sqes = new Int32Array(ring.sqes);
const [sqTail, cqHead, cqTail, cqes] = [ring.sqTail / 4, ring.cqHead / 4, ring.cqTail / 4, ring.cqes / 4];

function run(): { operations: number; errors: number } {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let errors = 0;
  let tail = Atomics.load(words, sqTail);
  while (!countdown.over) {
    for (let i = 0; i < depth; i += 1) {
      const at = (tail & (ring.sqEntries - 1)) * SQE_WORDS;
      sqes.fill(0, at, at + SQE_WORDS);
      sqes[at] = NOP;
      sqes[at + 8] = i;
      tail = (tail + 1) | 0;
    }
    Atomics.store(words, sqTail, tail);
    if (ring.enter(depth, 0, 0) !== depth) errors += 1;
    let head = words[cqHead] as number;
    const end = Atomics.load(words, cqTail);
    for (let i = 0; head !== end; i += 1, head = (head + 1) | 0) {
      const at = cqes + (head & (ring.cqEntries - 1)) * CQE_WORDS;
      if (words[at] !== i || words[at + 2] !== 0) errors += 1;
      operations += 1;
    }
    Atomics.store(words, cqHead, head);
  }
  return { operations, errors };
}

await answer(() =>
  metered(() => {
    const { operations, errors } = run();
    return { operations, errors, verified: operations };
  }),
);
