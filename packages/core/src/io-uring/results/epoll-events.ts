import { checkInteger } from '../../errors/argument-error.js';
import { type AttachedStruct, writtenStruct } from '../attachment.js';

/** An event of an epoll set. */
export interface EpollEvent {
  /** EPOLL* bits of what happened. */
  readonly events: number;
  /** What the registration carries, as an unsigned number of 64 bits. */
  readonly data: bigint;
}

/** `struct epoll_event` is packed on x86-64 only. */
const DATA_OFFSET = process.arch === 'x64' ? 4 : 8;
const EVENT_SIZE = DATA_OFFSET + 8;

/** The memory of a result, for the builder. */
export let epollEventsStruct: (events: EpollEventsResult) => AttachedStruct;

/** The bytes of one event. */
export function encodeEpollEvent({ events, data }: EpollEvent): Uint8Array {
  const fields = new DataView(new ArrayBuffer(EVENT_SIZE));
  fields.setUint32(0, events, true);
  fields.setBigUint64(DATA_OFFSET, data, true);
  return new Uint8Array(fields.buffer);
}

/** The events that a wait tells. The wait's own result says how many there are. */
export class EpollEventsResult {
  /** The most events of one wait. */
  readonly capacity: number;
  readonly #fields: DataView;

  /** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
  constructor(capacity: number) {
    checkInteger(capacity, 'capacity', 1, 65536);
    this.capacity = capacity;
    this.#fields = new DataView(new ArrayBuffer(capacity * EVENT_SIZE));
  }

  static {
    epollEventsStruct = (result) => writtenStruct(new Uint8Array(result.#fields.buffer));
  }

  /** The first `count` events: what the promise resolved to. Throws ERR_OUT_OF_RANGE beyond the capacity. */
  take(count: number): EpollEvent[] {
    checkInteger(count, 'count', 0, this.capacity);
    return Array.from({ length: count }, (_, index) => ({
      events: this.#fields.getUint32(index * EVENT_SIZE, true),
      data: this.#fields.getBigUint64(index * EVENT_SIZE + DATA_OFFSET, true),
    }));
  }
}
