import type { Call, CallParts } from './call.js';

/**
 * Calls in the order they came, linked to each other. There is one of these for each direction of each descriptor, with
 * one call in it or none as a rule: an array would take four times the memory.
 */
export class CallQueue {
  #first: Call<unknown> | undefined;
  /** Undefined where there is no second call. To write a young object into an old one costs a barrier of the collector. */
  #last: Call<unknown> | undefined;

  get first(): Call<unknown> | undefined {
    return this.#first;
  }

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Whether there is but one call. */
  get single(): boolean {
    return this.#first !== undefined && this.#last === undefined;
  }

  push(call: Call<unknown>): void {
    const { first } = this;
    if (first === undefined) {
      this.#first = call;
      return;
    }
    (this.#last ?? first).next = call;
    this.#last = call;
  }

  /** Takes the first call away. */
  shift(): void {
    const next = this.#first?.next;
    this.#first = next;
    if (next === this.#last) this.#last = undefined;
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
    if (call === this.#last) this.#last = before === this.#first ? undefined : before;
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
    this.#last = undefined;
    if (kept !== undefined) kept.next = undefined;
    return taken;
  }

  /**
   * Takes the calls behind one away, up to the next one of a system call.
   *
   * @returns those that were taken away
   */
  takeBehind(parts: CallParts<unknown>, syscall?: string): Call<unknown>[] {
    const taken: Call<unknown>[] = [];
    let call = this.#first;
    while (call !== undefined && call.parts !== parts) call = call.next;
    for (call = call?.next; call !== undefined && call.parts.syscall !== syscall; call = call.next) {
      this.remove(call);
      taken.push(call);
    }
    return taken;
  }
}
