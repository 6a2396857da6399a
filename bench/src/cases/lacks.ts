import { statfsSync } from 'node:fs';
import { allowedProcessors } from '../processors.js';
import type { Workshop } from '../workshop.js';

// Why a case would say nothing on this machine, whoever is measured in it; undefined where it does.

const TMPFS_MAGIC = 0x01021994;

/** For what goes to the disk. */
export function lacksDisk(workshop: Workshop): string | undefined {
  const folder = workshop.path('');
  return statfsSync(folder).type === TMPFS_MAGIC
    ? `${folder} is in memory (tmpfs), and on no disk; TMPDIR chooses another place`
    : undefined;
}

/** For two processes or threads that are not to wait for each other's processor. */
export function lacksSecondProcessor(): string | undefined {
  return allowedProcessors().length < 2 ? 'this process may run on one processor only, and two are needed' : undefined;
}
