import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import * as assert from 'uvu/assert';

/** Takes every descriptor that this process may still open, and gives them back. */
export class NoDescriptors implements Disposable {
  readonly #taken: number[] = [];
  readonly #limit: string;

  constructor() {
    this.#limit = prlimit('--nofile', '--output=SOFT', '--noheadings', '--raw').trim();
    prlimit('--nofile=256:');
    this.take();
  }

  /** Takes what is left: how many they were. */
  take(): number {
    const before = this.#taken.length;
    try {
      for (;;) this.#taken.push(openSync('/dev/null', 'r'));
    } catch (error) {
      assert.is((error as NodeJS.ErrnoException).code, 'EMFILE');
    }
    return this.#taken.length - before;
  }

  free(count: number): void {
    for (const fd of this.#taken.splice(this.#taken.length - count)) closeSync(fd);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#taken) closeSync(fd);
    prlimit(`--nofile=${this.#limit}:`);
  }
}

function prlimit(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('prlimit', [`--pid=${process.pid}`, ...args], {
    encoding: 'utf8',
  });
  assert.is(status, 0, String(stderr ?? error));
  return stdout;
}
