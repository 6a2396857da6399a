import { join } from 'node:path';
import {
  checkDriver,
  checkNoNullByte,
  closedError,
  type Driver,
  Errno,
  flag,
  InterestSlot,
  invalidArgType,
  invalidArgValue,
  invalidWord,
  type Referenced,
} from '@polyring/core';
import {
  close,
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_IGNORED,
  IN_ISDIR,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
  INOTIFY_EVENT_MAXIMUM,
  type InotifyEvent,
  inotifyInit,
  own,
  parseInotifyEvents,
  tryRead,
} from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import { Channel } from '../transfer/channel.js';
import { fdReadiness } from '../transfer/readiness.js';
import { MovePairs } from './move-pairs.js';
import { changeType, EVENT_BITS, USUAL_TYPES, type WatchEvent, type WatchedType } from './watch-event.js';
import { type Found, WatchTree } from './watch-tree.js';

const { EAGAIN } = Errno;

/** What is watched, and for what. */
export interface WatchOptions {
  /** Watches the directories below as well, also those that come later. Default false. */
  readonly recursive?: boolean | undefined;
  /** The types of events to tell of. Default: all but `access`, `open` and `closeNowrite`. */
  readonly types?: readonly WatchedType[] | undefined;
}

/** Bytes of one read: a few hundred events. */
const BUFFER_SIZE = 16_384;

const MOVES = IN_MOVED_FROM | IN_MOVED_TO;

/**
 * What begins and ends a name. Whoever asks for one of these asks for all: the kernel queues the same event twice in a row
 * once, so what lies between two of them has to be in its queue as well.
 */
const NAMES = IN_CREATE | IN_DELETE | MOVES;

/** What following directories needs to be told. */
const FOLLOWED = NAMES | IN_MOVE_SELF;

/**
 * What happens to a file, to a directory and its entries, or to a whole tree, as a queue: event by event, or with
 * `for await`.
 *
 * A move is one event. With `recursive`, a directory that comes into the tree is followed by a `create` event for each
 * entry that it holds already. It ends, with `undefined`, when what is watched was deleted or unmounted. Events that are
 * not read wait in the kernel, and when its queue is full the next ones are lost: then comes an `overflow` event, and
 * the tree is looked through for directories to follow, and those that have left it are watched no more. To read a
 * directory takes a descriptor for a moment: while none is left, calls reject with EMFILE, and a later one reads it. The
 * same event twice in a row is told of once if the first was not read when the second came.
 *
 * Paths are text: a name that is no UTF-8 has U+FFFD in it, and a directory of such a name is not followed.
 *
 * @example
 * ```ts run
 * import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
 * import { createDriver, PolledWatch } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const directory = mkdtempSync('/tmp/watch-');
 * const watch = new PolledWatch(driver, directory, { recursive: true, types: ['create', 'move'] });
 * writeFileSync(`${directory}/a`, '');
 * for await (const event of watch) {
 *   if (event.type === 'create') console.log(`there is ${event.path.slice(directory.length)}`);
 *   break;
 * }
 * watch[Symbol.dispose]();
 * rmSync(directory, { recursive: true });
 * await driver.close();
 * ```
 */
export class PolledWatch implements Disposable, Referenced {
  readonly #channel: Channel;
  readonly #tree: WatchTree;
  readonly #pairs: MovePairs;
  readonly #recursive: boolean;
  readonly #types: ReadonlySet<WatchedType>;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  /** What is left to tell, the last event first: to take one from the start moves all others. */
  readonly #events: WatchEvent[] = [];
  readonly #found: Found | undefined;
  /** A directory could not be followed. The call under way is told. */
  #failure: unknown;
  #over = false;

  /**
   * Begins to watch. With `recursive` all directories below are watched when this returns.
   *
   * @param path events tell of it as it is given; a relative one means what it means now. With `recursive` directories are
   * followed for as long as it leads to the same place
   * @throws ENOENT, EACCES; ENAMETOOLONG, also for a directory below; ENOSPC at the user's limit of watches, EMFILE at
   * that of instances, or where no descriptor is left; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
   * ERR_OUT_OF_RANGE
   */
  constructor(driver: Driver, path: string, options: WatchOptions = {}) {
    checkDriver(driver);
    const recursive = flag(options, 'recursive', false);
    const { types = USUAL_TYPES } = options;
    if (typeof path !== 'string') throw invalidArgType('path', 'of type string', path);
    checkNoNullByte(path, 'path');
    if (!Array.isArray(types)) throw invalidArgType('options.types', 'an instance of Array', types);
    this.#recursive = recursive;
    this.#types = new Set(types);
    const mask = maskOf(types) | (recursive ? FOLLOWED : 0);
    if (driver.closed) throw closedError(driver.name);
    const fd = inotifyInit();
    own(fd);
    try {
      this.#tree = new WatchTree(fd, path, mask);
      if (recursive) this.#tree.refresh();
      this.#channel = new Channel(driver, fd, 'watch', fdReadiness);
      // Not at the first wait: a ring needs a descriptor for a moment to make it.
      this.#channel.kernelReadiness();
    } catch (error) {
      close(fd);
      throw error;
    }
    this.#channel.end(InterestSlot.Write);
    if (this.#types.has('create')) this.#found = (entry) => this.#tell({ type: 'create', ...entry });
    this.#pairs = new MovePairs(driver, {
      moved: (from, to) => this.#attempt(() => this.#moved(from, to)),
      happened: (event) => this.#attempt(() => this.#happened(event)),
      passed: () => this.#channel.reading.retry(),
    });
  }

  /**
   * Waits for the next event.
   *
   * @returns undefined once what is watched is gone
   * @throws (rejects) ENOSPC, ENAMETOOLONG if a new directory could not be followed; EMFILE, ENFILE, ENOMEM while one
   * cannot be read, which a later call does; AbortError; ERR_POLYRING_TIMEOUT, ERR_POLYRING_DISPOSED,
   * ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  next(options?: CallOptions): Promise<WatchEvent | undefined> {
    return this.#channel.reading.run({ syscall: 'read', attempt: () => this.#take() }, options);
  }

  /** Every event until what is watched is gone. Leaving the loop leaves this open; disposing of this rejects it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void, void> {
    for (let event = await this.next(); event !== undefined; event = await this.next()) yield event;
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#channel.hasRef();
  }

  /** Ends every wait, whose promise rejects with ERR_POLYRING_DISPOSED, and stops watching. */
  [Symbol.dispose](): void {
    this.#pairs[Symbol.dispose]();
    this.#channel[Symbol.dispose]();
  }

  /** Reads only where nothing is left to tell, so that what nobody waits for stays in the kernel's queue. */
  #take(): WatchEvent | number | undefined {
    if (this.#isQuiet()) {
      const asked = performance.now();
      const length = tryRead(this.#channel.fd, this.#buffer);
      if (length < 0 && length !== EAGAIN) return length;
      if (length > 0) this.#pairs.add(this.#heeded(parseInotifyEvents(this.#buffer, length)));
      // A read that leaves room for another event has emptied the kernel's queue.
      if (length + INOTIFY_EVENT_MAXIMUM <= BUFFER_SIZE) this.#pairs.allAdded(asked);
      this.#attempt(() => this.#tree.catchUp(this.#found));
      this.#events.reverse();
      this.#throwFailure();
      // Nothing of what was read is to tell, or not yet, and there may be much more of that.
      if (length > 0 && this.#isQuiet()) this.#channel.reading.goOnLater();
    }
    return this.#isQuiet() ? EAGAIN : this.#events.pop();
  }

  /** Halves of moves that are neither told of nor followed would keep what comes behind them waiting. */
  #heeded(events: readonly InotifyEvent[]): readonly InotifyEvent[] {
    if (this.#recursive || this.#types.has('move')) return events;
    return events.filter(({ mask }) => (mask & MOVES) === 0);
  }

  /** Whether there is nothing to tell. */
  #isQuiet(): boolean {
    return this.#events.length === 0 && !this.#over;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #tell(event: WatchEvent): void {
    this.#events.push(event);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #happened(event: InotifyEvent): void {
    const { watch, mask, name } = event;
    if ((mask & IN_Q_OVERFLOW) !== 0) {
      this.#tell({ type: 'overflow' });
      if (this.#recursive) this.#tree.refresh();
      return;
    }
    const parent = this.#tree.pathOf(watch);
    if (parent === undefined) return;
    const isRoot = this.#tree.isRoot(watch);
    if ((mask & IN_IGNORED) !== 0) {
      this.#tree.ended(watch);
      if (isRoot) this.#over = true;
      return;
    }
    // A directory below is an entry of the one above, which tells of it.
    if (name === '' && !isRoot) {
      if ((mask & IN_MOVE_SELF) !== 0) this.#tree.moved(watch, this.#found);
      if ((mask & IN_ATTRIB) !== 0) this.#tree.attributesChanged(watch, this.#found);
      if ((mask & IN_UNMOUNT) !== 0) this.#unmounted(watch, parent);
      return;
    }
    const path = name === '' ? parent : join(parent, name);
    if ((mask & IN_UNMOUNT) !== 0) this.#tell({ type: 'unmount', path });
    else this.#changed(event, path);
  }

  #unmounted(watch: number, path: string): void {
    const place = this.#tree.unmounted(watch);
    if (place === undefined) return;
    this.#tell({ type: 'unmount', path });
    this.#tree.follow(place, this.#found);
  }

  #changed(event: InotifyEvent, path: string): void {
    const { mask, name } = event;
    const isDirectory = name === '' ? this.#tree.rootIsDirectory : (mask & IN_ISDIR) !== 0;
    if ((mask & IN_DELETE) !== 0) {
      this.#tree.disappeared(event);
      if (isDirectory) this.#tree.left(event, undefined);
    }
    if ((mask & IN_CREATE) !== 0 && this.#tree.appeared(event)) return;
    const type = changeType(mask);
    if (type !== undefined && this.#types.has(type)) this.#tell({ type, path, isDirectory });
    if (!isDirectory || !this.#recursive) return;
    if ((mask & IN_ATTRIB) !== 0) {
      if (name === '') this.#tree.attributesChanged(event.watch, this.#found);
      else this.#tree.changed(event, this.#found);
    }
    if ((mask & IN_CREATE) === 0) return;
    this.#tree.arrived(event);
    this.#tree.follow(event, this.#found);
  }

  #moved(fromEvent: InotifyEvent | undefined, toEvent: InotifyEvent | undefined): void {
    const from = this.#entryOf(fromEvent);
    const to = this.#entryOf(toEvent);
    if (from === undefined && to === undefined) return;
    if (fromEvent !== undefined) this.#tree.disappeared(fromEvent);
    if (toEvent !== undefined) this.#tree.appeared(toEvent);
    const isDirectory = (((fromEvent ?? toEvent)?.mask ?? 0) & IN_ISDIR) !== 0;
    if (this.#types.has('move')) this.#tell({ type: 'move', from, to, isDirectory });
    if (!isDirectory || !this.#recursive) return;
    const place = to === undefined ? undefined : toEvent;
    if (fromEvent !== undefined) this.#tree.left(fromEvent, place);
    if (place === undefined) return;
    this.#tree.arrived(place);
    this.#tree.left(place, undefined);
    this.#tree.follow(place, this.#found);
  }

  #entryOf(event: InotifyEvent | undefined): string | undefined {
    if (event === undefined) return undefined;
    const parent = this.#tree.pathOf(event.watch);
    return parent === undefined ? undefined : join(parent, event.name);
  }
}

function maskOf(types: readonly WatchedType[]): number {
  let mask = 0;
  for (const type of types) {
    // What every object inherits, such as `toString`, is no type.
    if (typeof type !== 'string' || !Object.hasOwn(EVENT_BITS, type)) {
      throw invalidWord('options.types', Object.keys(EVENT_BITS), type, 'an array of strings');
    }
    mask |= EVENT_BITS[type];
  }
  if (mask === 0) throw invalidArgValue('options.types', 'a list of at least one type', types);
  return (mask & NAMES) === 0 ? mask : mask | NAMES;
}
