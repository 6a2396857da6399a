const CAPACITY = 16_384;

/** Collects replies as bytes, to be sent together. */
export class ReplyWriter {
  #buffer = Buffer.allocUnsafe(CAPACITY);
  #length = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** What was collected: good until the next reply. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > 16 * CAPACITY) this.#buffer = Buffer.allocUnsafe(CAPACITY);
  }

  status(text: string): void {
    this.#line(`+${text}\r\n`);
  }

  error(message: string): void {
    this.#line(`-${message.replace(/[\r\n]/g, ' ')}\r\n`);
  }

  integer(value: number | bigint): void {
    this.#line(`:${value}\r\n`);
  }

  bulk(value: Buffer | undefined): void {
    if (value === undefined) {
      this.#line('$-1\r\n');
      return;
    }
    this.#line(`$${value.length}\r\n`);
    this.#reserve(value.length + 2);
    this.#length += value.copy(this.#buffer, this.#length);
    this.#line('\r\n');
  }

  text(value: string): void {
    this.bulk(Buffer.from(value, 'latin1'));
  }

  /** The head of an array; its elements follow. */
  array(length: number): void {
    this.#line(`*${length}\r\n`);
  }

  #line(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
