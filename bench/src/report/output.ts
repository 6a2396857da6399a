import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Report } from './report.js';

/** One file of results. */
export interface Output {
  readonly path: string;
  readonly render: (report: Report, path: string) => string | Promise<string>;
}

/**
 * Whether results can be written to all of these. What the files hold stays, and none is made.
 *
 * @throws for what could not be written, and for two that are one file
 */
export function checkOutputs(outputs: readonly Output[]): void {
  const files = outputs.map(({ path }) => join(realpathSync(dirname(path)), basename(path)));
  if (new Set(files).size < files.length) throw new Error('one file is named twice');
  for (const { path } of outputs) {
    const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
    closeSync(openSync(path, 'a'));
    if (isNew) rmSync(path);
  }
}

/**
 * Writes a file whole. Where there is no room for it, an earlier one stays, and a part of a new one does not.
 *
 * @throws for what could not be written
 */
export function writeOutput(path: string, text: string): void {
  const found: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  const before = found?.isFile() === true ? readFileSync(path) : undefined;
  try {
    writeFileSync(path, text);
  } catch (error) {
    if (before !== undefined) writeFileSync(path, before);
    else if (found === undefined) rmSync(path, { force: true });
    throw error;
  }
}
