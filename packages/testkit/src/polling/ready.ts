import { Pending, type Poll, type Waker } from '@polyring/core';
import { Wakes } from './wakes.js';

/**
 * Polls until the answer is not `Pending`, once at first and then at each wake: if a wake is lost, it never ends.
 *
 * @throws what the poll throws
 */
export async function ready<T>(poll: (waker: Waker) => Poll<T>): Promise<T> {
  const wakes = new Wakes();
  for (;;) {
    const seen = wakes.count;
    const answer = poll(wakes.waker);
    if (answer !== Pending) return answer;
    await wakes.beyond(seen);
  }
}
