const ERASE = '\r\x1b[2K';

/** One line of a terminal that says how far a run is. On anything but a terminal it writes nothing. */
export class ProgressLine {
  readonly #live = process.stderr.isTTY === true && process.env.TERM !== 'dumb';

  show(text: string): void {
    if (this.#live) process.stderr.write(ERASE + text.slice(0, (process.stderr.columns ?? 80) - 1));
  }

  clear(): void {
    if (this.#live) process.stderr.write(ERASE);
  }
}
