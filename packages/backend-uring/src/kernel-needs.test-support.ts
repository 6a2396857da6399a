import { type IoUringFeature, type IoUringFeatures, OPCODES, opcodeName } from '@polyring/core';
import type { Callback, Test } from 'uvu';
import { uringBackend } from './factory.js';
import { loadBinding } from './kernel/binding.js';
import { KernelFeatures } from './kernel/features.js';
import { probeOpcodes } from './kernel/probe.js';
import { setupRing } from './kernel/setup.js';

/** What a test needs of the kernel beside a ring: an opcode by its number, or a feature by its name. */
export type KernelNeed = number | IoUringFeature;

interface Kernel {
  readonly opcodes: readonly boolean[];
  readonly features: IoUringFeatures;
}

let kernel: Kernel | undefined;

function askKernel(): Kernel {
  const native = setupRing(loadBinding(), { entries: 1, completionEntries: 2 });
  const opcodes = probeOpcodes(native);
  const features = new KernelFeatures(native, opcodes).supported;
  native.close();
  return { opcodes, features };
}

/** Says what the kernel lacks, if it lacks one. Where there is no ring at all, nothing is lacking: see `runWhereGranted`. */
export function lackOf(needs: readonly KernelNeed[]): string | undefined {
  if (!uringBackend.availability().available) return undefined;
  kernel ??= askKernel();
  const { opcodes, features } = kernel;
  const missing = needs.find((need) => (typeof need === 'number' ? opcodes[need] !== true : !features[need]));
  if (typeof missing !== 'number') return missing && `this kernel has no ${missing}`;
  return `${opcodeName(missing)} needs Linux ${OPCODES[missing]?.since}`;
}

/** Adds a test that needs something of the kernel; where that is missing the test is skipped, and the output says why. */
export function testWith<Context>(
  test: Test<Context>,
  needs: readonly KernelNeed[],
  title: string,
  body: Callback<Context>,
): void {
  const lack = lackOf(needs);
  if (lack === undefined) {
    test(title, body);
    return;
  }
  console.log(`skipped: "${title}": ${lack}`);
  test.skip(title, body);
}
