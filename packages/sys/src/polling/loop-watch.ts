import {
  checkFd,
  checkInteger,
  checkObject,
  invalidArgType,
  type LoopHold,
  outOfRange,
  PollEvents,
  type RawFd,
  systemError,
} from '@polyring/core';
import { type NativeLoopWatch, native } from '../addon/binding.js';

/** What a {@link LoopWatch} waits for. */
export interface LoopWatchOptions {
  /** IN, OUT, PRI and RDHUP, in any combination. Default IN. */
  readonly events?: PollEvents | undefined;
  /**
   * Descriptors that the watch closes when it ends, by {@link LoopWatch.close} or with its environment. A worker that
   * is terminated runs no JavaScript, so descriptors it alone knows would stay open. What was `own` of the environment
   * is the watch's from then on. Default: none.
   */
  readonly owns?: readonly RawFd[] | undefined;
  /**
   * Microseconds, up to {@link LONGEST_BUSY_POLL}, for which the thread looks for events before it sleeps while the watch
   * is held. Any event of its loop ends that. Those of several watches add up. Default 0.
   */
  readonly busyPoll?: number | undefined;
}

/** The longest busy poll in microseconds. It is for what comes soon: a thread that polls for longer only keeps a processor busy. */
export const LONGEST_BUSY_POLL = 10_000;

/** The words that the watch shares with the addon. */
const HOLDS = 0;
const REFERENCED = 1;
const STATE_WORDS = 2;

const WATCHABLE = PollEvents.IN | PollEvents.OUT | PollEvents.PRI | PollEvents.RDHUP;

/**
 * A descriptor watched on the event loop of the environment that made it, which is the
 * main thread's or the worker's own.
 *
 * The callback is called in every turn of the loop in which one of the events holds (level-triggered).
 * `process.nextTick` callbacks and promises it leaves behind run at once after it. What it throws
 * reaches `uncaughtException`, and the watch goes on.
 *
 * A watch does not keep the process alive by itself: {@link hold} does. It ends by {@link close} or with
 * its environment, not by garbage collection.
 */
export class LoopWatch implements LoopHold, Disposable {
  readonly #fd: RawFd;
  readonly #state = new Int32Array(STATE_WORDS);
  #watch: NativeLoopWatch | undefined;

  /**
   * Watches a descriptor and makes it non-blocking. Unless `owns` lists it, it stays the caller's, to be closed
   * after the watch: libuv ends the process if it is closed before the loop has begun to watch it.
   *
   * @param callback gets the events that hold, among those asked for. ERR alone says that the descriptor
   * is in error: the watch reports nothing more then, and is to be closed
   * @throws EBADF if `fd` is not open; EPERM if it cannot be polled; EEXIST if the loop watches it already;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  constructor(fd: RawFd, callback: (events: PollEvents) => void, options: LoopWatchOptions = {}) {
    checkFd(fd);
    if (typeof callback !== 'function') throw invalidArgType('callback', 'of type function', callback);
    checkObject(options);
    const { events = PollEvents.IN, owns = [], busyPoll = 0 } = options;
    if (typeof events !== 'number') throw invalidArgType('options.events', 'of type number', events);
    if (events === 0 || (events & WATCHABLE) !== events) {
      throw outOfRange('options.events', 'a combination of IN, OUT, PRI and RDHUP', events);
    }
    if (!Array.isArray(owns)) throw invalidArgType('options.owns', 'an instance of Array', owns);
    // Each is asked for once: an element may be a getter.
    const owned = Int32Array.from(owns, (each: unknown) => {
      checkFd(each, 'options.owns');
      return each;
    });
    checkInteger(busyPoll, 'options.busyPoll', 0, LONGEST_BUSY_POLL);
    const watch = native.loopWatchStart(fd, events, callback, this.#state, owned, busyPoll);
    if (typeof watch === 'number') throw systemError(watch, 'uv_poll_init', { fd });
    this.#fd = fd;
    this.#watch = watch;
  }

  /** The watched descriptor. */
  get fd(): RawFd {
    return this.#fd;
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#watch === undefined;
  }

  /**
   * Adds a reason to keep the process alive. It calls into the addon only when the loop has let go
   * of the watch, so holding and releasing within one turn costs two additions.
   */
  hold(): void {
    const holds = this.#state[HOLDS]! + 1;
    this.#state[HOLDS] = holds;
    // The loop may be about to end, so this cannot wait for its next turn.
    if (holds === 1 && this.#state[REFERENCED] === 0 && this.#watch !== undefined) {
      native.loopWatchReference(this.#watch);
    }
  }

  /** Takes one reason away. The loop learns of it before it next blocks. Taking away more than were added is no error. */
  release(): void {
    const holds = this.#state[HOLDS]!;
    if (holds > 0) this.#state[HOLDS] = holds - 1;
  }

  /**
   * Ends the watch and closes what it owns. The callback is not called any more, and the descriptor may be closed.
   * Closing twice is no error.
   */
  close(): void {
    const watch = this.#watch;
    if (watch === undefined) return;
    this.#watch = undefined;
    native.loopWatchClose(watch);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
