/**
 * Completions or events that a drain tells of before the promises that they settled go on.
 *
 * A drain that has more of them goes on in a microtask of its own, behind those of the promises. What a promise's
 * caller does next is about the same objects that its completion was about. They are still in the processor's cache
 * after a few others, and not after hundreds; and an answer is sent as soon as it is known. bench/NOTES.md has what
 * that is worth to an echo server with 500 connections.
 */
export const TOLD_TOGETHER = 8;

const settled = Promise.resolve();

/**
 * Runs a callback behind the microtasks that are queued already. It must not throw.
 *
 * As `queueMicrotask`, which in Node.js makes an `AsyncResource` for each, and costs several times as much.
 */
export function behindMicrotasks(callback: () => void): void {
  void settled.then(callback);
}
