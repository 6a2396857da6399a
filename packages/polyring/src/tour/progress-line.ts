/** Where the tour writes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
}

const INTERVAL = 80;
const ERASE = '\r\x1b[2K';

/** One line of a terminal that is written over and over. On anything but a terminal it writes nothing. */
export class ProgressLine {
  readonly #output: Output;
  readonly #live: boolean;
  readonly #clearAtExit = (): void => this.clear();
  #shown = false;
  #nextAt = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#live = output.isTTY === true && process.env.TERM !== 'dumb';
    if (this.#live) process.once('exit', this.#clearAtExit);
  }

  /** Shows the line, unless it was shown a moment ago. */
  show(what: string, fraction: number): void {
    if (!this.#live) return;
    const time = performance.now();
    if (time < this.#nextAt) return;
    this.#nextAt = time + INTERVAL;
    const line = `${what}  ${Math.floor(fraction * 100)} %`;
    this.#output.write(ERASE + line.slice(0, (this.#output.columns ?? 80) - 1));
    this.#shown = true;
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#nextAt = 0;
    this.#output.write(ERASE);
  }

  /** Takes the line away for good. */
  end(): void {
    this.clear();
    process.off('exit', this.#clearAtExit);
  }
}
