import type { EventFd } from '../fixtures/event-fd.js';
import { Counter } from './counter.js';
import { SourceModel } from './source-model.js';

/** The bytes of one read. */
export const EVENTFD_SIZE = 8;

/** An eventfd of a program. */
export class EventfdSource {
  readonly model: SourceModel<Counter>;
  readonly #event: EventFd;

  constructor(event: EventFd, semaphore: boolean) {
    this.#event = event;
    this.model = new SourceModel(new Counter(semaphore));
  }

  descriptor(): EventFd {
    return this.#event;
  }

  signal(count: number): void {
    this.#event.signal(BigInt(count));
    this.model.change((counter) => counter.plus(BigInt(count)));
  }

  /** Reads once. Returns what it found, in words. */
  take(): string {
    const value = this.#event.take();
    const bytes = value === undefined ? undefined : new Uint8Array(BigUint64Array.of(value).buffer);
    this.model.read(EVENTFD_SIZE, bytes);
    return value === undefined ? 'nothing' : String(value);
  }

  /** Reads until there is nothing. */
  drain(): string {
    const found: string[] = [];
    for (let next = this.take(); next !== 'nothing'; next = this.take()) found.push(next);
    return found.join(', ') || 'nothing';
  }

  /** Makes it readable. */
  raise(): void {
    this.signal(1);
  }
}
