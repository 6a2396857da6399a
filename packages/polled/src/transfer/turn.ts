/** Calls that may succeed one after the other before the event loop has to turn. */
const CALLS_A_TURN = 64;

/** The calls on one descriptor, both directions together, that have succeeded since the event loop last turned. */
export class Turn {
  #calls = 0;

  /** Whether the loop has to turn before the next call. */
  get over(): boolean {
    return this.#calls >= CALLS_A_TURN;
  }

  /** One more call has succeeded. */
  count(): void {
    this.#calls += 1;
  }

  /** The loop has turned, as it has whenever it reports that the descriptor is ready. */
  begin(): void {
    this.#calls = 0;
  }
}
