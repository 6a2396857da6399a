import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { CONTRACT_VERSION } from '@polyring/core';
import type { Circumstances } from './report.js';

/** The kit, the contract and the machine of this process. */
export function circumstances(): Circumstances {
  return {
    kit: kitVersion(),
    contract: CONTRACT_VERSION,
    kernel: release(),
    node: process.version,
    architecture: process.arch,
  };
}

/** The version of this package. */
export function kitVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
