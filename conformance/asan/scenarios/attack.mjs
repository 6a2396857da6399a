// attack.mjs <operation> <attack>: buffers are taken away while the kernel holds operations on them.
import assert from 'node:assert/strict';
import { uringBackend } from '@polyring/backend-uring';
import { nop } from '@polyring/core';
import { ATTACKS } from './attacks.mjs';
import { checkInstrumented, collectGarbage, detach, leftByKernel, mark, say } from './instruments.mjs';
import { COUNT, VICTIMS } from './victims.mjs';

const SCRIBBLE = 0xee;

const [operation, attackName] = process.argv.slice(2);
const attack = ATTACKS[attackName];
const victims = VICTIMS[operation];

const driver = uringBackend.create();
checkInstrumented();
const neighbours = lendNeighbours();
let targets;
let outcomes = [];
let submitted = 0;
let settled = 0;
do {
  await Promise.all(outcomes);
  targets = Array.from({ length: COUNT }, (_, index) => victims.prepare(driver, index, attack));
  outcomes = targets.map((target) => submit(target));
  // The driver submits what is queued in a nextTick of its own, queued before this one.
  await new Promise((resolve) => process.nextTick(resolve));
} while (!mark(victims.held));
const checks = targets.map((target) => target.check);
let loot = [];
for (const target of targets) {
  const taken = attack.run(target.buffer, { memory: target.memory, detach });
  if (taken !== undefined) loot.push(new Uint8Array(taken).fill(SCRIBBLE));
}
if (attack.drops) loot = [];
targets = undefined;
await collectGarbage();
// Memory that V8 got back is what the next allocations get.
const reused = Array.from({ length: COUNT }, () => Buffer.alloc(victims.size, SCRIBBLE));
if (attack.after !== undefined) loot.push(...attack.after(driver, victims.size).map((bytes) => bytes.fill(SCRIBBLE)));

victims.late();
const results = await Promise.all(outcomes);
await leftByKernel(0);
await driver.ioUringSubmit(nop());
await new Promise((resolve) => setImmediate(resolve));
if (attack.forgetsPromises === true) assert.equal(settled, submitted);
else for (const [index, result] of results.entries()) checks[index](result);
for (const bytes of [...loot, ...reused, ...neighbours]) assert.ok(isScribble(bytes), 'somebody else was written to');
await driver.close();
say('ended');

/** The outcome; nothing if nobody is to hold the promise. */
function submit({ entry }) {
  submitted += 1;
  const promise = driver.ioUringSubmit(entry).catch((error) => error);
  if (attack.forgetsPromises !== true) return promise;
  promise.then(() => {
    settled += 1;
  });
  return undefined;
}

/** Lent memory between that of the victims, which nothing may touch. */
function lendNeighbours() {
  return Array.from({ length: COUNT }, () => driver.allocate(victims.size).bytes.fill(SCRIBBLE));
}

function isScribble(bytes) {
  return Buffer.compare(bytes, Buffer.alloc(bytes.length, SCRIBBLE)) === 0;
}
