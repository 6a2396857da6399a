import type { Pipe } from '../fixtures/fixtures.js';
import type { StreamEnd } from '../fixtures/stream-end.js';
import { ByteStream, streamBytes } from './byte-stream.js';
import type { End } from './content.js';
import { SourceModel } from './source-model.js';

const FILLING = 65_536;
const READING = 4096;

/** A pipe of a program, through which every program sends the same bytes. */
export class PipeSource {
  readonly model = new SourceModel(new ByteStream());
  readonly #pipe: Pipe;
  #written = 0;
  #ended = false;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  get reading(): boolean {
    return this.#pipe.reader.open;
  }

  get writing(): boolean {
    return this.#pipe.writer.open;
  }

  /** Whether the program has met the end of the stream: it may not wait again. */
  get ended(): boolean {
    return this.#ended;
  }

  descriptor(end: End): StreamEnd {
    return this.#pipe[end];
  }

  write(length: number): number {
    const count = this.#pipe.writer.write(streamBytes(this.#written, length));
    this.#written += count;
    this.model.change((stream) => stream.plus(count, count < length));
    return count;
  }

  fill(): number {
    let total = 0;
    for (let length = FILLING; length >= 1; ) {
      const count = this.#pipe.writer.write(streamBytes(this.#written, length));
      this.#written += count;
      total += count;
      if (count === 0) length >>= 1;
    }
    this.model.change((stream) => stream.plus(total, true));
    return total;
  }

  /** Reads once. Returns what it found, in words. */
  read(length: number): string {
    return inWords(this.#read(length));
  }

  /** Reads until there is nothing. */
  drain(): string {
    let total = 0;
    let count = this.#read(READING);
    for (; count !== undefined && count > 0; count = this.#read(READING)) total += count;
    return count === 0 ? `${total} bytes and the end` : inWords(total || undefined);
  }

  /** The program has met the end of the stream, if it is over. */
  end(): void {
    this.#ended = !this.writing;
  }

  close(end: End): void {
    this.#pipe[end].close();
    this.model.change((stream) => stream.without(end));
  }

  /** Writes a byte, if somebody can read it. */
  raise(): void {
    if (this.reading && this.writing) this.write(1);
  }

  #read(length: number): number | undefined {
    const bytes = this.#pipe.reader.read(length);
    this.model.read(length, bytes);
    if (bytes?.length === 0) this.end();
    return bytes?.length;
  }
}

function inWords(count: number | undefined): string {
  if (count === undefined) return 'nothing';
  return count === 0 ? 'the end' : `${count} bytes`;
}
