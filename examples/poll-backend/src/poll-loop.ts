import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Errno, now, PollEvents, systemError } from '@polyring/core';
import { POLL_ENTRY_WORDS, poll, read, write } from '@polyring/sys';
import { ENDED, type Interest, type PollThreadData, type Report, type Request } from './protocol.js';

/*
 * The program of the poll thread: take requests, sleep in poll(2), report what is ready, and again. It reports each
 * object once and then forgets it, so that a level-triggered poll does not spin on what nobody has handled yet.
 */

/** Milliseconds. A thread that is blocked in the kernel cannot be terminated, so it never blocks for long. */
const LONGEST_WAIT = 500;

const { port, wakeFd, reportFd, progress } = workerData as PollThreadData;
const interests = new Map<number, Interest>();
/** The entries for poll(2): first the wake-up, then the interests in the order of the map. */
let entries = new Int32Array();
let deadline = Number.POSITIVE_INFINITY;
let sequence = 0;

try {
  while (takeRequests()) {
    publish(BigInt(sequence));
    pollOnce();
  }
} finally {
  publish(ENDED);
}

/** Takes what was asked since the last time; false if it was to end. */
function takeRequests(): boolean {
  for (let item = receiveMessageOnPort(port); item !== undefined; item = receiveMessageOnPort(port)) {
    const request: Request = item.message;
    if (request === 'end') return false;
    ({ sequence, deadline } = request);
    for (const interest of request.interests) {
      if (interest.events === 0) interests.delete(interest.id);
      else interests.set(interest.id, interest);
    }
    entries = new Int32Array();
  }
  if (entries.length === 0) entries = layOut();
  return true;
}

function publish(value: bigint): void {
  Atomics.store(progress, 0, value);
  Atomics.notify(progress, 0);
}

function pollOnce(): void {
  const count = poll(entries, Math.max(0, Math.min(deadline - now(), LONGEST_WAIT)));
  if (count < 0 && count !== Errno.EINTR) throw systemError(count, 'poll');
  const ready = count > 0 ? takeReady() : [];
  const due = now() >= deadline;
  if (due) deadline = Number.POSITIVE_INFINITY;
  if (ready.length === 0 && !due) return;
  port.postMessage({ sequence, ready, due } satisfies Report);
  write(reportFd, BigUint64Array.of(1n));
}

function layOut(): Int32Array<ArrayBuffer> {
  const words = new Int32Array(POLL_ENTRY_WORDS * (1 + interests.size));
  words.set([wakeFd, PollEvents.IN]);
  let at = POLL_ENTRY_WORDS;
  for (const { fd, events } of interests.values()) {
    words.set([fd, events], at);
    at += POLL_ENTRY_WORDS;
  }
  return words;
}

function takeReady(): Interest[] {
  if (entries[2] !== 0) read(wakeFd, new BigUint64Array(1));
  const ready: Interest[] = [];
  let at = POLL_ENTRY_WORDS;
  for (const { id, fd } of interests.values()) {
    const events = entries[at + 2] as PollEvents;
    if (events !== 0) ready.push({ id, fd, events });
    at += POLL_ENTRY_WORDS;
  }
  for (const { id } of ready) interests.delete(id);
  if (ready.length > 0) entries = new Int32Array();
  return ready;
}
