/** What a program did and what came of it, as lines to read. */
export class Trace {
  readonly #lines: string[] = [];
  #steps = 0;

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Begins the line of a step. Its answer is added when it is known. Returns the step's number. */
  step(text: string): number {
    this.#steps += 1;
    this.#lines.push(`${String(this.#steps).padStart(3)}. ${text}`);
    return this.#steps;
  }

  /** Adds the answer to the latest line. */
  answer(text: string): void {
    const last = this.#lines.length - 1;
    this.#lines[last] = `${this.#lines[last] ?? ''}: ${text}`;
  }

  /** A line of something that is no step. */
  note(text: string): void {
    this.#lines.push(`     ${text}`);
  }
}
