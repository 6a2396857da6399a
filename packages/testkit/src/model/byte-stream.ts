import { PollEvents } from '@polyring/core';
import type { Conditions, Content, End, Taking } from './content.js';

const { IN, OUT, ERR, HUP } = PollEvents;

/** A prime, so that the pattern fits no size that pipes or reads have. */
const PERIOD = 251;
const PATTERN = Buffer.from(Array.from({ length: 2 * PERIOD }, (_, index) => index % PERIOD));

/** The bytes that every program writes to its pipes, from an offset on: each byte tells where it belongs. */
export function streamBytes(from: number, length: number): Buffer {
  const start = from % PERIOD;
  return Buffer.alloc(length, PATTERN.subarray(start, start + PERIOD));
}

/** Whether one byte more can be written. The kernel counts pages, so it is not always known. */
type Room = 'some' | 'unknown' | 'none';

interface State {
  /** Bytes that were read, and bytes that were written, since the pipe was made. */
  readonly read: number;
  readonly written: number;
  readonly room: Room;
  readonly reader: boolean;
  readonly writer: boolean;
}

/** What is in a pipe, and which of its ends are open (pipe(7)). */
export class ByteStream implements Content<ByteStream> {
  readonly #state: State;

  constructor(state: State = { read: 0, written: 0, room: 'some', reader: true, writer: true }) {
    this.#state = state;
  }

  get key(): string {
    return Object.values(this.#state).join();
  }

  /** The pipe after a write of so many bytes; `full` if it found no room for one byte more. */
  plus(length: number, full: boolean): ByteStream {
    const { written, room } = this.#state;
    return this.#with({ written: written + length, room: full ? 'none' : room === 'none' ? 'unknown' : room });
  }

  /** The pipe after one of its ends was closed. */
  without(end: End): ByteStream {
    return this.#with({ [end]: false });
  }

  conditions(end: End): Conditions {
    const { read, written, room, reader, writer } = this.#state;
    if (end === 'reader') {
      const events = (written > read ? IN : 0) | (writer ? 0 : HUP);
      return { certain: events, possible: events };
    }
    // Without a reader, writing fails at once, and a driver may call that writable.
    const certain = (room === 'some' ? OUT : 0) | (reader ? 0 : ERR);
    return { certain, possible: certain | (room === 'unknown' || !reader ? OUT : 0) };
  }

  read(size: number): Taking<ByteStream> | undefined {
    const { read, written, room, writer } = this.#state;
    const length = Math.min(size, written - read);
    if (length === 0) return writer ? undefined : { taken: new Uint8Array(), rest: this };
    const emptied = read + length === written;
    const rest = this.#with({ read: read + length, room: emptied ? 'some' : room === 'none' ? 'unknown' : room });
    return { taken: streamBytes(read, length), rest };
  }

  toString(): string {
    const { read, written, reader, writer } = this.#state;
    const closed = `${reader ? '' : ', its reader is closed'}${writer ? '' : ', its writer is closed'}`;
    return `the pipe holds ${written - read} bytes${closed}`;
  }

  #with(changes: Partial<State>): ByteStream {
    return new ByteStream({ ...this.#state, ...changes });
  }
}
