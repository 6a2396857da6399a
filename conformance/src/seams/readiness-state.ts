import { ALL_EVENTS, InterestSlot, type PollEvents, type RawFd } from '@polyring/core';
import { POLL_ENTRY_WORDS, poll } from '@polyring/sys';

/** The events that hold on a descriptor now. */
export function eventsOf(fd: RawFd): PollEvents {
  const entry = Int32Array.of(fd, ALL_EVENTS, 0);
  poll(entry, 0);
  return entry[POLL_ENTRY_WORDS - 1] as PollEvents;
}

export function otherSlot(slot: InterestSlot): InterestSlot {
  return slot === InterestSlot.Read ? InterestSlot.Write : InterestSlot.Read;
}
