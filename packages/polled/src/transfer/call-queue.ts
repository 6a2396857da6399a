import type { Call } from './call.js';

/**
 * Calls in the order they came, linked to each other. There is one of these for each direction of each descriptor, with
 * one call in it or none as a rule: an array would take four times the memory.
 */
export class CallQueue {
  #first: Call<unknown> | undefined;
  #last: Call<unknown> | undefined;

  get first(): Call<unknown> | undefined {
    return this.#first;
  }

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Whether there is but one call. */
  get single(): boolean {
    return this.#first !== undefined && this.#first === this.#last;
  }

  push(call: Call<unknown>): void {
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
  }

  /** Takes the first call away. */
  shift(): void {
    this.#first = this.#first?.next;
    if (this.#first === undefined) this.#last = undefined;
  }

  /** Takes a call away, if it is there. */
  remove(call: Call<unknown>): void {
    if (call === this.#first) {
      this.shift();
      return;
    }
    let before = this.#first;
    while (before !== undefined && before.next !== call) before = before.next;
    if (before === undefined) return;
    before.next = call.next;
    if (call === this.#last) this.#last = before;
  }

  /**
   * Takes all calls away, or all but the first.
   *
   * @returns those that were taken away
   */
  takeAll(butFirst = false): Call<unknown>[] {
    const taken: Call<unknown>[] = [];
    const kept = butFirst ? this.#first : undefined;
    for (let call = butFirst ? this.#first?.next : this.#first; call !== undefined; call = call.next) taken.push(call);
    this.#first = kept;
    this.#last = kept;
    if (kept !== undefined) kept.next = undefined;
    return taken;
  }
}
