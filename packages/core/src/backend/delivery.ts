/**
 * Completions or events that a backend tells of before it lets the loop turn; what is left comes with the next turn. As
 * many as libuv takes from one epoll_wait(2), so that a driver with much to tell is no worse a neighbour than the loop's
 * other descriptors are. bench/NOTES.md has what fewer cost.
 */
export const TOLD_A_TURN = 1024;

const settled = Promise.resolve();

/**
 * Runs a callback behind the microtasks that are queued already. It must not throw.
 *
 * A drain that has told of some completions or events goes on by this with the next ones, after the promises that it has
 * settled. What a promise's caller does next is about the same objects that its completion was about. They are still in the
 * processor's cache after a few others, and not after hundreds; and an answer is sent as soon as it is known. How many are
 * told together is the backend's to say: bench/NOTES.md has what that is worth.
 *
 * As `queueMicrotask`, which in Node.js makes an `AsyncResource` for each, and costs several times as much.
 */
export function behindMicrotasks(callback: () => void): void {
  void settled.then(callback);
}
