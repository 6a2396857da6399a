import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runWhereGranted } from './run-where-granted.test-support.js';

const PRELUDE = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { nop, read, write } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
  import { openSync } from 'node:fs';
  import { createDriverOver } from ${JSON.stringify(new URL('driver.js', import.meta.url).href)};
  import { loadBinding } from ${JSON.stringify(new URL('kernel/binding.js', import.meta.url).href)};
  const binding = loadBinding();
  const calls = {};
  class CountedRing extends binding.Ring {
    constructor(...sizes) {
      super(...sizes);
      for (const name of ['enter', 'register', 'mapMemory', 'adopt', 'closeAdopted', 'disown']) {
        const call = this[name];
        Object.defineProperty(this, name, {
          value: (...parameters) => {
            calls[name] = (calls[name] ?? 0) + 1;
            return call.apply(this, parameters);
          },
        });
      }
    }
  }
  const newDriver = (ring) => createDriverOver({ ...binding, Ring: ring }, {});
`;

/**
 * Enough young memory that no collection comes between two looks at it; and a compiler that does not wait for a processor
 * where others are busy, as code that it has not come to allocates more.
 */
const COUNTED = ['--min-semi-space-size=128', '--max-semi-space-size=128', '--single-threaded'];

function run(body: string, flags: readonly string[] = []): unknown {
  const args = [...flags, '--input-type=module', '-e', PRELUDE + body];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

test('a tick costs one enter, and a submission no native call', () => {
  const counts = run(`
    const driver = newDriver(CountedRing);
    const [zero, nowhere] = [openSync('/dev/zero'), openSync('/dev/null', 'w')];
    const lanes = Array.from({ length: 64 }, (_, index) => {
      const buffer = index % 2 === 0 ? driver.allocate(512).bytes : Buffer.alloc(512);
      return [() => nop(), () => read(zero, buffer), () => write(nowhere, buffer)][index % 3];
    });
    const rounds = async (count) => {
      for (let round = 0; round < count; round += 1) {
        await Promise.all(lanes.map((entry) => driver.ioUringSubmit(entry())));
      }
    };
    await rounds(10);
    for (const name of Object.keys(calls)) delete calls[name];
    await rounds(500);
    console.log(JSON.stringify(calls));
    await driver.close();
  `);
  assert.equal(counts, { enter: 500 });
});

test('a submission allocates the entry and the promise, and nothing else', () => {
  const { bare, submitted, collections } = run(
    `
    let collections = 0;
    new PerformanceObserver((list) => {
      collections += list.getEntries().length;
    }).observe({ entryTypes: ['gc'] });
    const driver = newDriver(binding.Ring);
    const DEPTH = 32;
    // Of a fixed length, as an array that grows would cost more than what this looks for.
    const waiting = new Array(3 * DEPTH).fill(undefined);
    let queued = 0;
    const executor = (resolve, reject) => {
      waiting[queued++] = resolve;
      waiting[queued++] = reject;
    };
    const settle = () => {
      const count = queued;
      queued = 0;
      for (let at = 1; at < count; at += 3) waiting[at](0);
    };
    /** What a submission cannot do without. */
    const bareSubmit = () => {
      const entry = nop();
      if (queued === 0) process.nextTick(settle);
      waiting[queued++] = entry;
      return new Promise(executor);
    };
    const bytesOf = async (submit, count) => {
      const before = process.memoryUsage().heapUsed;
      let left = count;
      const lane = async () => {
        while (left-- > 0) await submit();
      };
      await Promise.all(Array.from({ length: DEPTH }, lane));
      return (process.memoryUsage().heapUsed - before) / count;
    };
    const submit = () => driver.ioUringSubmit(nop());
    for (let round = 0; round < 3; round += 1) {
      await bytesOf(bareSubmit, 10_000);
      await bytesOf(submit, 10_000);
    }
    const rounds = [];
    for (let round = 0; round < 5; round += 1) {
      collections = 0;
      const bare = await bytesOf(bareSubmit, 20_000);
      const submitted = await bytesOf(submit, 20_000);
      await new Promise(setImmediate);
      rounds.push({ bare, submitted, collections });
    }
    rounds.sort((a, b) => a.collections - b.collections || (a.submitted - a.bare) - (b.submitted - b.bare));
    console.log(JSON.stringify(rounds[0]));
    await driver.close();
  `,
    COUNTED,
  ) as { bare: number; submitted: number; collections: number };
  assert.is(collections, 0, 'a collection came between');
  // A tick of 32 has costs of its own: its callback, and the drain's.
  assert.ok(submitted <= bare + 24, `${submitted} bytes a submission, ${bare} for an entry and a promise`);
});

runWhereGranted(test);
