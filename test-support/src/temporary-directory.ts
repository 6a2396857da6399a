import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The files of a test: their paths below a directory, and their text, or what is written as JSON. */
export type Files = Readonly<Record<string, string | object>>;

const left = new Set<string>();

process.once('exit', () => {
  for (const path of left) remove(path);
});

/** A directory for the files of one test, removed with everything in it; at the end of the process at the latest. */
export class TemporaryDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'polyring-test-'));

  constructor(files: Files = {}) {
    left.add(this.path);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(this.at(name)), { recursive: true });
      writeFileSync(this.at(name), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  /** The path of an entry. */
  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    remove(this.path);
    left.delete(this.path);
  }
}

/** The path of a directory with the files of a test, removed at the end of the process. */
export function temporaryDirectory(files?: Files): string {
  return new TemporaryDirectory(files).path;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
