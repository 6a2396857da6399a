/** The most characters that are kept. */
const LIMIT = 32_768;

/** The end of a text that may be long. */
export class TailText {
  #text = '';
  #dropped = 0;

  /** Adds to the text; what is too long goes from its beginning. */
  append(text: string): void {
    this.#text += text;
    const excess = this.#text.length - LIMIT;
    if (excess <= 0) return;
    this.#text = this.#text.slice(excess);
    this.#dropped += excess;
  }

  /** The text, which says so where its beginning is missing. */
  get text(): string {
    return this.#dropped === 0 ? this.#text : `[${this.#dropped} characters before this are left out]\n${this.#text}`;
  }
}
