import assert from 'node:assert/strict';
import { InterestSlot, PollEvents } from '@polyring/core';
import type { StreamEnd } from '../fixtures/stream-end.js';
import { type Readiness, readyFor } from './readiness.js';

/** Times in a row that a descriptor may be told as ready, after a clear, when it is not. */
const FALSE_ALARMS = 100;

/** Counts how often in a row a poll was ready for nothing, so that a readiness that is never forgotten ends a rule. */
class FalseAlarms {
  #count = 0;

  /** Takes note of one attempt. */
  attempt(successful: boolean): void {
    this.#count = successful ? 0 : this.#count + 1;
    assert.ok(this.#count <= FALSE_ALARMS, 'ready again and again after a clear, with nothing to do');
  }
}

/**
 * Receives as a careful user does: waits, reads until there is nothing, clears.
 *
 * @param length how many bytes to wait for; without it, everything until the peer has shut its direction
 */
export async function receive(
  end: StreamEnd,
  readiness: Readiness,
  length = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const received: Buffer[] = [];
  const alarms = new FalseAlarms();
  for (let total = 0; total < length; ) {
    await readyFor(readiness, InterestSlot.Read, PollEvents.IN);
    const before = total;
    for (;;) {
      const bytes = end.read();
      if (bytes?.length === 0) return Buffer.concat(received);
      if (bytes === undefined) break;
      received.push(bytes);
      total += bytes.length;
    }
    alarms.attempt(total > before);
    readiness.clear(InterestSlot.Read);
  }
  return Buffer.concat(received);
}

/** Sends everything: waits, writes until there is no room, clears. */
export async function send(end: StreamEnd, readiness: Readiness, content: Buffer): Promise<void> {
  const alarms = new FalseAlarms();
  for (let sent = 0; sent < content.length; ) {
    await readyFor(readiness, InterestSlot.Write, PollEvents.OUT);
    const before = sent;
    while (sent < content.length) {
      const count = end.write(content.subarray(sent));
      if (count === 0) break;
      sent += count;
    }
    alarms.attempt(sent > before);
    if (sent < content.length) readiness.clear(InterestSlot.Write);
  }
}
