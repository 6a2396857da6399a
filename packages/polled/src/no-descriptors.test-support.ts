import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import * as assert from 'uvu/assert';

/** Takes every descriptor that this process may still open, and gives them back. */
export class NoDescriptors implements Disposable {
  readonly #taken: number[] = [];

  constructor() {
    const limited = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=256:']);
    assert.is(limited.status, 0, String(limited.stderr ?? limited.error));
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
  }
}
