import { ProtocolError } from './command-error.js';

/** Bytes of the buffer that is read into, at first and again once a large request is through. */
const CAPACITY = 16_384;
/** As the original: an inline request, or the line of a length, may not be longer. */
const MAXIMUM_LINE = 65_536;
const MAXIMUM_ARGUMENTS = 1024 * 1024;
const MAXIMUM_BULK = 512 * 1024 * 1024;

const LF = 10;
const CR = 13;
const DOLLAR = 36;
const STAR = 42;

/** An array that begins at the start of the bytes. Places are counted from there, as the bytes move when more come. */
interface UnfinishedArray {
  readonly count: number;
  /** Where each word that has come begins and ends, one after the other. */
  readonly bounds: number[];
  /** Where the next word is to come. */
  next: number;
}

/**
 * Cuts what a client sends into requests: arrays of bulk strings, or lines of words.
 *
 * Read into {@link room}, say how much by {@link filled}, then take requests by {@link next} until there is none.
 */
export class RequestParser {
  #buffer = Buffer.allocUnsafe(CAPACITY);
  /** Where the bytes begin that no request has used, and where they end. */
  #start = 0;
  #end = 0;
  /** Bytes that the request at the start needs at least, as far as is known. */
  #needed = 0;
  /** The array at the start whose end has not come: what was read of it is not read again. */
  #array: UnfinishedArray | undefined;

  /** Where the next bytes go. */
  get room(): Buffer {
    const waiting = this.#end - this.#start;
    if (waiting === 0 && this.#buffer.length > CAPACITY) this.#buffer = Buffer.allocUnsafe(CAPACITY);
    const capacity = Math.max(CAPACITY, this.#needed, waiting + 1024);
    if (capacity > this.#buffer.length) {
      // Twice as much each time, so that a request that comes in small pieces is not copied again and again.
      const larger = Buffer.allocUnsafe(Math.max(capacity, Math.min(2 * this.#buffer.length, MAXIMUM_BULK)));
      this.#buffer.copy(larger, 0, this.#start, this.#end);
      this.#buffer = larger;
    } else if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = waiting;
    return this.#buffer.subarray(waiting);
  }

  filled(bytes: number): void {
    this.#end += bytes;
  }

  /**
   * The next request, its words as views that are good until the next {@link room}; undefined if it is not complete.
   *
   * @throws ProtocolError
   */
  next(): Buffer[] | undefined {
    while (this.#start < this.#end && this.#end - this.#start >= this.#needed) {
      const request = this.#buffer[this.#start] === STAR ? this.#nextArray() : this.#nextLine();
      if (request === undefined) return undefined;
      this.#needed = 0;
      if (request.length > 0) return request;
    }
    return undefined;
  }

  #nextLine(): Buffer[] | undefined {
    const end = this.#lineEnd(this.#start, 'too big inline request');
    if (end === undefined) return undefined;
    const line = this.#text(this.#start, end);
    this.#start = end + 1;
    return splitWords(line.trim());
  }

  #nextArray(): Buffer[] | undefined {
    this.#array ??= this.#beginArray();
    const array = this.#array;
    if (array === undefined) return undefined;
    const start = this.#start;
    const { count, bounds } = array;
    while (bounds.length < 2 * count) {
      const at = start + array.next;
      if (at >= this.#end) return undefined;
      if (this.#buffer[at] !== DOLLAR) {
        throw new ProtocolError(`expected '$', got '${String.fromCharCode(this.#buffer[at] ?? 0)}'`);
      }
      const bulk = this.#length(at, 'too big bulk count string');
      if (bulk === undefined) return undefined;
      if (bulk.value < 0 || bulk.value > MAXIMUM_BULK) throw new ProtocolError('invalid bulk length');
      const from = bulk.next - start;
      const to = from + bulk.value;
      if (start + to + 2 > this.#end) {
        this.#needed = to + 2;
        return undefined;
      }
      bounds.push(from, to);
      array.next = to + 2;
    }
    this.#array = undefined;
    this.#start += array.next;
    const words: Buffer[] = [];
    for (let index = 0; index < bounds.length; index += 2) {
      words.push(this.#buffer.subarray(start + (bounds[index] ?? 0), start + (bounds[index + 1] ?? 0)));
    }
    return words;
  }

  #beginArray(): UnfinishedArray | undefined {
    const header = this.#length(this.#start, 'too big mbulk count string');
    if (header === undefined) return undefined;
    const { value: count, next } = header;
    if (count > MAXIMUM_ARGUMENTS) throw new ProtocolError('invalid multibulk length');
    return { count, bounds: [], next: next - this.#start };
  }

  /** The number behind the character at `at`, and where the next line begins. */
  #length(at: number, tooLong: string): { value: number; next: number } | undefined {
    const end = this.#lineEnd(at, tooLong);
    if (end === undefined) return undefined;
    const text = this.#text(at + 1, end);
    if (!/^-?\d{1,10}$/.test(text)) {
      throw new ProtocolError(this.#buffer[at] === STAR ? 'invalid multibulk length' : 'invalid bulk length');
    }
    return { value: Number(text), next: end + 1 };
  }

  /** Where the line that begins at `from` ends, by LF. */
  #lineEnd(from: number, tooLong: string): number | undefined {
    // No further: the buffer may be far larger than what has come.
    const length = this.#buffer.subarray(from, this.#end).indexOf(LF);
    if (length >= 0) return from + length;
    if (this.#end - from > MAXIMUM_LINE) throw new ProtocolError(tooLong);
    return undefined;
  }

  #text(from: number, lf: number): string {
    const end = lf > from && this.#buffer[lf - 1] === CR ? lf - 1 : lf;
    return this.#buffer.toString('latin1', from, end);
  }
}

/** The words of an inline request: separated by spaces, or in quotes. */
function splitWords(line: string): Buffer[] {
  const words: Buffer[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))(?=\s|$)/gy;
  while (pattern.lastIndex < line.length) {
    const match = pattern.exec(line);
    if (match === null) throw new ProtocolError('unbalanced quotes in request');
    const [, double, single, plain] = match;
    words.push(Buffer.from(double !== undefined ? unescaped(double) : (single ?? plain ?? ''), 'latin1'));
  }
  return words;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (_, hex: string | undefined, character: string) =>
    hex === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
