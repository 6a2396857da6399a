/** Calls that may be made one after the other before the event loop has to turn. */
const CALLS_A_TURN = 64;

/**
 * Counts the calls on one descriptor, both directions together, that were made since the event loop last turned: a base
 * for the descriptor's class.
 */
export class Turns {
  #calls = 0;

  /** Whether the loop has to turn before the next call. */
  get turnOver(): boolean {
    return this.#calls >= CALLS_A_TURN;
  }

  /** One more call was made. */
  countCall(): void {
    this.#calls += 1;
  }

  /** The call under way has done the work of many. */
  endTurn(): void {
    this.#calls = CALLS_A_TURN;
  }

  /** The loop has turned, as it has whenever it reports that the descriptor is ready. */
  beginTurn(): void {
    this.#calls = 0;
  }
}
