import { ALWAYS_REPORTED, formatPollEvents, Pending, type Poll, PollEvents } from '@polyring/core';
import { type Content, type End, integerOf } from './content.js';
import { Disagreement } from './disagreement.js';

/** One slot of a readiness object. */
interface Watch {
  readonly end: End;
  /** What a poll may answer: what held at some time since the last clear, or was still to be delivered at that time. */
  readonly known: PollEvents;
  /** What held at the last clear and ever since: it need not be reported again. */
  readonly spent: PollEvents;
}

/** One course that events may have taken, as far as it can be told from outside. Never changed. */
interface Course<C> {
  readonly content: C;
  /** What waits have read and not told yet. */
  readonly taken: ReadonlyMap<string, Uint8Array>;
  readonly watches: ReadonlyMap<string, Watch>;
  /** What held at some time since everything was delivered. */
  readonly recent: Readonly<Record<End, PollEvents>>;
}

const MOST_IN_MESSAGE = 3;

/**
 * What the contract allows of everything that watches one eventfd or one pipe.
 *
 * A driver may read for a pending wait at any time, in the kernel or in a poll, so the state is not known. The model
 * keeps every course that events may have taken. Each answer of the driver rules out those that would have given
 * another one, and an answer that leaves none is a disagreement.
 */
export class SourceModel<C extends Content<C>> {
  #courses: readonly Course<C>[];
  /** The waits that may read at any time, with the bytes they ask for. */
  readonly #reading = new Map<string, number>();
  /** What was told to each slot since its last clear. */
  readonly #told = new Map<string, PollEvents>();

  constructor(content: C) {
    const recent = { reader: content.conditions('reader').possible, writer: content.conditions('writer').possible };
    this.#courses = [{ content, taken: new Map(), watches: new Map(), recent }];
  }

  /** The program changed the content by something else than a read. */
  change(next: (content: C) => C): void {
    this.#advance((course) => withContent(course, next(course.content)));
  }

  /** The program read by itself: `found` is undefined for EAGAIN. */
  read(size: number, found: Uint8Array | undefined): void {
    this.#observe(`a read found ${found === undefined ? 'nothing' : inWords(found)}`, (course) => {
      const read = course.content.read(size);
      if (read === undefined || found === undefined) return read === found ? course : undefined;
      if (Buffer.compare(read.taken, found) !== 0) return undefined;
      const rest = withContent(course, read.rest);
      return found.length === 0 ? withEndSeen(rest) : rest;
    });
  }

  /** Everything that was raised has been delivered. */
  settled(): void {
    this.#advance(({ content, ...course }) => {
      const recent = { reader: content.conditions('reader').possible, writer: content.conditions('writer').possible };
      return { ...course, content, recent };
    });
  }

  /** A slot of a new readiness object. */
  watch(slot: string, end: End): void {
    this.#advance((course) => withWatch(course, slot, { end, known: course.recent[end], spent: 0 }));
  }

  /** The slot's object was disposed. */
  unwatch(slot: string): void {
    this.#told.delete(slot);
    this.#advance((course) => ({ ...course, watches: without(course.watches, slot) }));
  }

  /** A slot was cleared. */
  clear(slot: string): void {
    this.#told.delete(slot);
    this.#advance((course) => {
      const { end } = watchOf(course, slot);
      return withWatch(course, slot, {
        end,
        known: course.recent[end],
        spent: course.content.conditions(end).possible,
      });
    });
  }

  /** A slot was polled for events. */
  polled(slot: string, events: PollEvents, answer: Poll<PollEvents>): void {
    const wanted = events | ALWAYS_REPORTED;
    const told = (this.#told.get(slot) ?? 0) & wanted;
    if (answer === Pending) {
      if (told !== 0) throw new Disagreement(`Pending, but ${formatPollEvents(told)} was told and not cleared`);
      return;
    }
    if (answer === PollEvents.EMPTY) throw new Disagreement('ready with no event');
    const foreign = answer & ~wanted;
    if (foreign !== 0) throw new Disagreement(`ready with ${formatPollEvents(foreign)}, which was not asked for`);
    const forgotten = told & ~answer;
    if (forgotten !== 0) {
      throw new Disagreement(`ready without ${formatPollEvents(forgotten)}, which was told and not cleared`);
    }
    this.#observe(`ready with ${formatPollEvents(answer)}, which has not held`, (course) =>
      (answer & ~watchOf(course, slot).known) === 0 ? course : undefined,
    );
    this.#told.set(slot, (this.#told.get(slot) ?? 0) | answer);
  }

  /** A slot whose poll for events is pending was not woken, and everything that was raised has been delivered. */
  silent(slot: string, events: PollEvents, what: string): void {
    this.#observe(what, (course) => {
      const { end, spent } = watchOf(course, slot);
      const owed = course.content.conditions(end).certain & (events | ALWAYS_REPORTED) & ~spent;
      return owed === 0 ? course : undefined;
    });
  }

  /** A wait is about to be polled. */
  waiting(wait: string, size: number): void {
    this.#reading.set(wait, size);
    this.#explore();
  }

  /** A wait's poll was ready with a value of the size it is for. */
  waited(wait: string, value: bigint): void {
    const size = this.#reading.get(wait);
    this.#over(wait, `the wait is over with the value ${value}`, (taken) =>
      taken !== undefined && taken.length === size ? integerOf(taken) === value : false,
    );
  }

  /** A wait's poll threw that the read was short. */
  waitedShort(wait: string, value: bigint): void {
    const size = this.#reading.get(wait) ?? 0;
    this.#over(wait, `the wait is over with a short read and the value ${value}`, (taken) => {
      if (taken === undefined || taken.length >= size) return false;
      return taken.length === 0 || integerOf(taken) === value;
    });
  }

  /** The cancel of a wait is over. */
  cancelled(wait: string, consumed: boolean, value: bigint): void {
    const answer = consumed ? `true, with the value ${value}` : 'false';
    this.#over(wait, `the cancel is ${answer}`, (taken) => {
      const read = taken !== undefined && taken.length > 0;
      return consumed ? read && integerOf(taken) === value : !read;
    });
  }

  /** A wait whose poll is pending was not woken, and everything that was raised has been delivered. */
  waitSilent(wait: string, size: number, what: string): void {
    this.#observe(what, (course) =>
      course.taken.has(wait) || course.content.read(size) !== undefined ? undefined : course,
    );
  }

  /** A wait was disposed: what it read, if it did, is lost, and it reads no more. */
  withdraw(wait: string): void {
    this.#reading.delete(wait);
    this.#advance((course) => ({ ...course, taken: without(course.taken, wait) }));
  }

  #over(wait: string, observed: string, fits: (taken: Uint8Array | undefined) => boolean): void {
    const left = this.#allowing(observed, (course) => {
      const taken = course.taken.get(wait);
      if (!fits(taken)) return undefined;
      const rest = { ...course, taken: without(course.taken, wait) };
      return taken?.length === 0 ? withEndSeen(rest) : rest;
    });
    this.#reading.delete(wait);
    this.#courses = left;
    this.#explore();
  }

  #advance(next: (course: Course<C>) => Course<C>): void {
    this.#courses = this.#courses.map(next);
    this.#explore();
  }

  #observe(observed: string, next: (course: Course<C>) => Course<C> | undefined): void {
    this.#courses = this.#allowing(observed, next);
    this.#explore();
  }

  /** The courses that an observation leaves; throws if it leaves none. */
  #allowing(observed: string, next: (course: Course<C>) => Course<C> | undefined): readonly Course<C>[] {
    const left = this.#courses.map(next).filter((course) => course !== undefined);
    if (left.length === 0) throw new Disagreement(`${observed}, but ${this.#inWords()}`);
    return left;
  }

  /** Adds every course in which a wait that may read has read by now. */
  #explore(): void {
    if (this.#reading.size === 0 && this.#courses.length === 1) return;
    const found = new Map<string, Course<C>>();
    const open = [...this.#courses];
    for (let course = open.pop(); course !== undefined; course = open.pop()) {
      const key = keyOf(course);
      if (found.has(key)) continue;
      found.set(key, course);
      for (const [wait, size] of this.#reading) {
        const read = course.taken.has(wait) ? undefined : course.content.read(size);
        if (read === undefined) continue;
        open.push(withContent({ ...course, taken: new Map(course.taken).set(wait, read.taken) }, read.rest));
      }
    }
    this.#courses = [...found.values()];
  }

  #inWords(): string {
    const sentences = new Set(
      this.#courses.map(({ content, taken }) =>
        [content.toString(), ...[...taken].map(([wait, bytes]) => `${wait} has read ${inWords(bytes)}`)].join(' and '),
      ),
    );
    const shown = [...sentences].slice(0, MOST_IN_MESSAGE);
    if (sentences.size > MOST_IN_MESSAGE) shown.push(`${sentences.size - MOST_IN_MESSAGE} more courses`);
    return shown.join(', or ');
  }
}

function withContent<C extends Content<C>>(course: Course<C>, content: C): Course<C> {
  const possible = { reader: content.conditions('reader').possible, writer: content.conditions('writer').possible };
  const watches = new Map<string, Watch>();
  for (const [slot, { end, known, spent }] of course.watches) {
    watches.set(slot, { end, known: known | possible[end], spent: spent & possible[end] });
  }
  const recent = {
    reader: course.recent.reader | possible.reader,
    writer: course.recent.writer | possible.writer,
  };
  return { ...course, content, watches, recent };
}

/** After the caller met the end of the stream, HUP need not be reported to anybody. */
function withEndSeen<C>(course: Course<C>): Course<C> {
  const watches = new Map<string, Watch>();
  for (const [slot, watch] of course.watches) watches.set(slot, { ...watch, spent: watch.spent | PollEvents.HUP });
  return { ...course, watches };
}

function withWatch<C>(course: Course<C>, slot: string, watch: Watch): Course<C> {
  return { ...course, watches: new Map(course.watches).set(slot, watch) };
}

function watchOf<C>(course: Course<C>, slot: string): Watch {
  const watch = course.watches.get(slot);
  if (watch === undefined) throw new Error(`The model knows no slot ${slot}`);
  return watch;
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function keyOf<C extends Content<C>>({ content, taken, watches, recent }: Course<C>): string {
  const hands = [...taken].map(([wait, bytes]) => `${wait}=${Buffer.from(bytes).toString('hex')}`).sort();
  const slots = [...watches].map(([slot, { known, spent }]) => `${slot}=${known},${spent}`);
  return [content.key, ...hands, ...slots, recent.reader, recent.writer].join(';');
}

function inWords(bytes: Uint8Array): string {
  return bytes.length <= 8 ? `${bytes.length} bytes (${integerOf(bytes)})` : `${bytes.length} bytes`;
}
