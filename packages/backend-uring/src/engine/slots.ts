import { TWO_TO_32 } from '../kernel/word.js';
import { grown } from './grown.js';
import { NO_SLOT, type Operation } from './operation.js';
import { GENERATION_MASK } from './user-data.js';

const FIRST_CAPACITY = 256;

/** Generations from which on a slot and its generation are no safe integer together. */
const OLD = 2 ** 21;

/**
 * The operations in flight, by slot. A slot's generation changes whenever it is freed, and
 * user_data carries both, so that a late completion never reaches a slot's next operation.
 */
export class Slots {
  readonly #operations: (Operation | undefined)[] = [];
  #sockets = new Int32Array(FIRST_CAPACITY);
  #generations = new Int32Array(FIRST_CAPACITY);
  #free = new Int32Array(FIRST_CAPACITY);
  #freeCount = 0;

  /** How many operations are in flight. */
  get used(): number {
    return this.#operations.length - this.#freeCount;
  }

  /** Gives the operation a slot. */
  occupy(operation: Operation): void {
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] as number) : this.#add();
    this.#operations[slot] = operation;
    operation.slot = slot;
  }

  /**
   * Gives the operation a slot that was not used often.
   *
   * @returns its user_data: slot and generation together
   */
  occupyYoung(operation: Operation): number {
    if (this.#freeCount > 0 && this.generation(this.#free[this.#freeCount - 1] as number) >= OLD) {
      const slot = this.#add();
      this.#free[this.#freeCount++] = slot;
    }
    this.occupy(operation);
    return operation.slot + this.generation(operation.slot) * TWO_TO_32;
  }

  /** Says what socket the operation in a slot sends to or receives from. */
  setSocket(slot: number, socket: number): void {
    this.#sockets[slot] = socket;
  }

  /** The socket that was last set for a slot. */
  socket(slot: number): number {
    return this.#sockets[slot] as number;
  }

  /** How often a slot was freed. */
  generation(slot: number): number {
    return this.#generations[slot] as number;
  }

  /** Whether a completion may belong to an operation, which it does unless it is a late one. The operation is not looked at. */
  isCurrent(slot: number, generation: number): boolean {
    return this.#generations[slot] === generation;
  }

  /** The operation that a completion belongs to, or undefined if it is a late one. */
  find(slot: number, generation: number): Operation | undefined {
    return this.isCurrent(slot, generation) ? this.#operations[slot] : undefined;
  }

  /** Frees an operation's slot. */
  vacate(operation: Operation): void {
    const { slot } = operation;
    this.#operations[slot] = undefined;
    this.#generations[slot] = ((this.#generations[slot] as number) + 1) & GENERATION_MASK;
    this.#free[this.#freeCount++] = slot;
    operation.slot = NO_SLOT;
  }

  /** The operations in flight, as they are now. */
  all(): Operation[] {
    return this.#operations.filter((operation) => operation !== undefined);
  }

  #add(): number {
    const slot = this.#operations.length;
    if (slot === this.#generations.length) {
      this.#sockets = grown(this.#sockets);
      this.#generations = grown(this.#generations);
      this.#free = grown(this.#free);
    }
    this.#operations.push(undefined);
    return slot;
  }
}
