import * as assert from 'uvu/assert';
import type { LoopHold } from './loop-hold.js';

/** Counts what keeps a loop alive, and fails when more is released than was held. */
export class CountedLoop implements LoopHold {
  holds = 0;
  calls = 0;

  hold(): void {
    this.calls += 1;
    this.holds += 1;
  }

  release(): void {
    this.calls += 1;
    this.holds -= 1;
    assert.ok(this.holds >= 0, 'released more often than held');
  }
}
