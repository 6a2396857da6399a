/** After so many bytes a stream begins again: a prime, so that a piece that is lost or doubled moves all that follow. */
const PERIOD = 65_521;
/** Bytes that are taken or compared at once, at the most. */
const LONGEST = 65_536;

const BYTES = Buffer.alloc(PERIOD + LONGEST);
let state = 1;
for (let i = 0; i < BYTES.length; i += 1) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  BYTES[i] = i < PERIOD ? state >>> 24 : (BYTES[i - PERIOD] as number);
}

/** Bytes without an end, the same for who sends them and for who compares what he received. */
export class Stream {
  /** Pieces that were not what was to come. */
  wrong = 0;
  readonly #wholeEvery: number;
  #at = 0;
  #compared = 0;

  /** @param wholeEvery one piece in so many is compared byte by byte; of the others the first and the last byte are */
  constructor(wholeEvery = 1) {
    this.#wholeEvery = wholeEvery;
  }

  /** The next bytes. */
  take(length: number): Buffer {
    const start = this.#advance(length);
    return BYTES.subarray(start, start + length);
  }

  /** Compares the first bytes of a buffer with the next ones. */
  compare(bytes: Buffer, length = bytes.length): void {
    const start = this.#advance(length);
    this.#compared += 1;
    const isSame =
      this.#compared % this.#wholeEvery === 0
        ? BYTES.compare(bytes, 0, length, start, start + length) === 0
        : bytes[0] === BYTES[start] && bytes[length - 1] === BYTES[start + length - 1];
    if (!isSame) this.wrong += 1;
  }

  #advance(length: number): number {
    const start = this.#at;
    this.#at = (start + length) % PERIOD;
    return start;
  }
}
