import { Errno } from '@polyring/core';
import { IORING_REGISTER_PROBE } from '../kernel/abi.js';
import type { Chance } from './chance.test-support.js';
import type { Faults } from './faulty-ring.test-support.js';

/** Answers after which a ring is of no use any more: lost completions, and one that nobody expects. */
const FATAL = [Errno.EBADR, Errno.EIO] as const;

/** The faults of one driver's life, at rates of its own. Counts each. */
export class Weather implements Faults {
  readonly #chance: Chance;
  readonly #counts: Map<string, number>;
  /** Percent of the calls. */
  readonly #interrupted: number;
  readonly #again: number;
  readonly #busy: number;
  readonly #partial: number;
  readonly #delayed: number;
  readonly #reordered: number;
  readonly #refused: number;
  /** Enters until the ring fails. */
  #entersLeft: number;

  constructor(chance: Chance, counts: Map<string, number>) {
    this.#chance = chance;
    this.#counts = counts;
    this.#interrupted = chance.of([0, 5, 30]);
    this.#again = chance.of([0, 0, 2]);
    this.#busy = chance.of([0, 0, 2]);
    this.#partial = chance.of([0, 10, 50]);
    this.#delayed = chance.of([0, 5, 30]);
    this.#reordered = chance.of([0, 20, 100]);
    this.#refused = chance.of([0, 20]);
    this.#entersLeft = chance.percent(25) ? chance.integer(2000) : Number.POSITIVE_INFINITY;
  }

  /** Whether the ring has failed. */
  get failed(): boolean {
    return this.#entersLeft < 0;
  }

  /** Whether registering is refused at times. */
  get refusesRegister(): boolean {
    return this.#refused > 0;
  }

  refuseEnter(): number | undefined {
    this.#entersLeft -= 1;
    if (this.failed) return this.#count('fatal', this.#chance.of(FATAL));
    if (this.#chance.percent(this.#interrupted)) return this.#count('EINTR', Errno.EINTR);
    if (this.#chance.percent(this.#again)) return this.#count('EAGAIN', Errno.EAGAIN);
    if (this.#chance.percent(this.#busy)) return this.#count('EBUSY', Errno.EBUSY);
    return undefined;
  }

  take(toSubmit: number): number {
    if (!this.#chance.percent(this.#partial)) return toSubmit;
    return this.#count('partial submit', 1 + this.#chance.integer(toSubmit));
  }

  show(held: number): number | undefined {
    if (this.#chance.percent(this.#delayed)) return this.#count('delayed', undefined);
    if (held === 1 || !this.#chance.percent(this.#reordered)) return 0;
    return this.#count('reordered', this.#chance.integer(held));
  }

  refuseRegister(opcode: number): number | undefined {
    // A driver that cannot learn what opcodes there are has none.
    if (opcode === IORING_REGISTER_PROBE || !this.#chance.percent(this.#refused)) return undefined;
    return this.#count('register refused', Errno.ENOMEM);
  }

  refuseMemory(): number | undefined {
    return undefined;
  }

  #count<T>(fault: string, answer: T): T {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1);
    return answer;
  }
}
