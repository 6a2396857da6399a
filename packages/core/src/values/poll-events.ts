import { checkInteger, outOfRange } from '../errors/argument-error.js';

/**
 * A set of readiness events, with the bits of poll(2).
 *
 * HUP, ERR and RDHUP complete any readiness poll, whatever it asked for.
 */
export type PollEvents = number;

/** The bits of {@link PollEvents}, as in `<poll.h>`. */
export const PollEvents = {
  /** No event. */
  EMPTY: 0,
  /** There is data to read (POLLIN). */
  IN: 0x0001,
  /** There is urgent data, or a sysfs attribute changed (POLLPRI). */
  PRI: 0x0002,
  /** Writing does not block (POLLOUT). */
  OUT: 0x0004,
  /** An error is pending (POLLERR). */
  ERR: 0x0008,
  /** Both directions are shut (POLLHUP). */
  HUP: 0x0010,
  /** The peer shut its writing direction (POLLRDHUP). */
  RDHUP: 0x2000,
} as const;

/** The events that complete a poll of any interest: ERR, HUP and RDHUP. */
export const ALWAYS_REPORTED: PollEvents = PollEvents.ERR | PollEvents.HUP | PollEvents.RDHUP;

/** Every event a poll may ask for. */
export const ALL_EVENTS: PollEvents = PollEvents.IN | PollEvents.PRI | PollEvents.OUT | ALWAYS_REPORTED;

/** Throws unless `events` is a set of {@link PollEvents}. */
export function checkPollEvents(events: unknown): asserts events is PollEvents {
  checkInteger(events, 'events', 0, ALL_EVENTS);
  if ((events & ~ALL_EVENTS) !== 0) throw outOfRange('events', 'a set of PollEvents', events);
}

/** One of the two independent waiters of a readiness object. Each has its own interest, cache and waker. */
export type InterestSlot = 0 | 1;

/** The two slots. By convention a reader uses `Read` and a writer `Write`; the slot does not limit the events. */
export const InterestSlot = {
  /** The reading side's waiter. */
  Read: 0,
  /** The writing side's waiter. */
  Write: 1,
} as const satisfies Record<string, InterestSlot>;

const NAMES = Object.entries(PollEvents).filter(([, bit]) => bit !== 0);

/** The names of the events in a set, such as `IN|HUP`; `EMPTY` for none. */
export function formatPollEvents(events: PollEvents): string {
  const names = NAMES.filter(([, bit]) => (events & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? 'EMPTY' : names.join('|');
}
