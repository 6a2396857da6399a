import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { rate } from '../../measures.js';
import { type Side, type StepContext, type TourStep, verify } from '../../step.js';
import {
  CHUNK,
  type CopyOrder,
  copyByCallbacks,
  copyByFileHandles,
  copyByRing,
  hasFileIo,
  IN_FLIGHT,
} from './copiers.js';
import type { CopyResult } from './copy-lanes.js';
import { makeRandomFile } from './random-file.js';
import { sha256 } from './sha256.js';

/** A way to copy a file, under the name that the table shows. */
interface Copier {
  readonly by: string;
  copy(order: CopyOrder): Promise<CopyResult>;
}

/** Copies a file of random bytes with reads and writes in flight, and compares the hashes. */
export const fileCopy: TourStep = {
  id: 'file-copy',
  title: 'File copy',

  async run(context) {
    const { driver, folder, copySize } = context;
    const source = join(folder, 'source');
    await makeRandomFile(source, copySize, part(context, 'making the file'));
    const digest = await sha256(source, part(context, 'hashing the file'));

    const byDriver: Copier = hasFileIo(driver)
      ? { by: driver.name, copy: (order) => copyByRing(driver, order) }
      : { by: 'fs callbacks', copy: copyByCallbacks };
    const byNode: Copier = { by: 'fs/promises', copy: copyByFileHandles };
    const first = await copyVerified(context, source, digest, byDriver);
    const second = await copyVerified(context, source, digest, byNode);
    unlinkSync(source);

    const notes = [`${IN_FLIGHT} reads and writes of ${CHUNK / 1024} KiB in flight, from and to the page cache.`];
    if (!hasFileIo(driver)) {
      notes.unshift(
        `The driver "${driver.name}" has no ring, and descriptors of files cannot be polled: copied through node:fs.`,
      );
    }
    return {
      verified: `The SHA-256 of both copies is the source's: ${digest}.`,
      unit: 'operations',
      sides: [first, second],
      notes,
    };
  },
};

async function copyVerified(context: StepContext, source: string, digest: string, copier: Copier): Promise<Side> {
  const { by } = copier;
  const size = context.copySize;
  const target = join(context.folder, 'copy');
  const result = await copier.copy({ source, target, size, progress: part(context, `copying by ${by}`) });
  const copied = await sha256(target, part(context, `hashing the copy by ${by}`));
  verify(copied === digest, `The copy by ${by} differs from the source: its SHA-256 is ${copied}, not ${digest}.`);
  unlinkSync(target);
  return { by, measures: { bytes: size, ...rate(result.operations, result.seconds) } };
}

function part(context: StepContext, what: string): (bytes: number) => void {
  return (bytes) => context.progress(what, bytes / context.copySize);
}
