import {
  type Driver,
  IORING_OP_POLL_ADD,
  PollEvents,
  pollAdd,
  pollMultishot,
  type SubmitOptions,
} from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import { submissions } from './submissions.js';

/** An operation of a ring that can be in flight, and the event that it then waits for. */
export interface RingWaitable {
  readonly kind: string;
  /** Has the operation begin. The promise settles when it is over. An iteration takes no time limit. */
  begin(options?: SubmitOptions): Promise<unknown>;
  /** Brings the event. */
  raise(): void;
}

const { IN } = PollEvents;

/** One operation for each way to submit it, and an iteration that is left after its first completion. */
export function ringWaitables(fixtures: Fixtures, driver: Driver): RingWaitable[] {
  if (!driver.ioUringProbe(IORING_OP_POLL_ADD)) return [];
  const all = Object.entries(submissions).map(([kind, submit]): RingWaitable => {
    const event = fixtures.eventfd();
    return {
      kind,
      begin: (options) => submit(driver, pollAdd(event.fd, IN), options),
      raise: () => event.signal(),
    };
  });
  return driver.ioUring.features.pollMultishot ? [...all, iteration(fixtures, driver)] : all;
}

function iteration(fixtures: Fixtures, driver: Driver): RingWaitable {
  const event = fixtures.eventfd();
  return {
    kind: 'iteration',
    begin: async ({ signal } = {}) => {
      const events = driver.multishot(pollMultishot(event.fd, IN), signal === undefined ? {} : { signal });
      await events.next();
      await events.return();
    },
    raise: () => event.signal(),
  };
}
