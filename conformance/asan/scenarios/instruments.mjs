import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

const native = createRequire(import.meta.url)('../build/Release/instruments.node');

/** How many operations the kernel holds now, as the witness sees it. */
const { inFlight } = native;

/** Takes down in the witness's report how many operations the kernel holds, if there are at least as many. Whether there were. */
export const { mark } = native;

/** Detaches an ArrayBuffer through Node-API, as any addon may. False if Node-API refused. */
export const { detach } = native;

/** A thread that writes to descriptors without pause: `new Storm(Int32Array)`, `stop()`. */
export const { Storm } = native;

/** A binding without custody of memory, for the negative controls. */
export const { UnsafeRing } = native;

/**
 * Throws unless the addon with AddressSanitizer's checks is the one that is loaded.
 *
 * @param {string} variable Which environment variable names its place.
 */
export function checkInstrumented(variable = 'POLYRING_URING_ADDON_ROOT') {
  const root = process.env[variable];
  if (root === undefined || !readFileSync('/proc/self/maps', 'utf8').includes(root)) {
    throw new Error('The addon under test is not the instrumented one');
  }
}

/** Resolves at a moment at which the kernel holds at least `count` operations. */
export async function heldByKernel(count) {
  while (inFlight() < count) await turn();
}

/** Waits for such a moment and takes down in the witness's report how many there are, before other threads change it. */
export async function markHeld(count) {
  while (!mark(count)) await turn();
}

/** Resolves when the kernel holds at most `count` operations. */
export async function leftByKernel(count) {
  while (inFlight() > count) await turn();
}

/** Lets the garbage collector take what it may, ArrayBuffers' memory included, which V8 frees on other threads. */
export async function collectGarbage() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await turn();
  }
}

/** Writes a line at once: nothing buffered is lost, however the process ends. */
export function say(line) {
  writeSync(1, `${line}\n`);
}
