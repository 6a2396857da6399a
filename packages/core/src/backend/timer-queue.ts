/** What a {@link TimerQueue} holds. The queue owns `queueSlot`; -1 says that the node is in no queue. */
export interface TimerNode {
  deadline: number;
  queueSlot: number;
}

/** Children of the node at `index` are the four at `4 × index + 1` and on. */
const ARITY_SHIFT = 2;
const ARITY = 1 << ARITY_SHIFT;
const FIRST_CAPACITY = 64;

/**
 * Nodes in order of their deadlines: a heap that knows where each node stands, so that removing one is O(log n).
 *
 * With many timers the cost is that of memory far from the processor, so ordering touches no node: a node has a slot,
 * and the heap is of deadlines and slots in typed arrays, four children to an element.
 */
export class TimerQueue<T extends TimerNode> {
  /** By slot: the node, and where it stands in the heap. */
  readonly #nodes: (T | undefined)[] = [];
  #positions = new Int32Array(FIRST_CAPACITY);
  /** By position in the heap. Behind the heap `#slots` holds the slots that are free. */
  #deadlines = new Float64Array(FIRST_CAPACITY);
  #slots = new Int32Array(FIRST_CAPACITY);
  #size = 0;
  /** Nodes are put in order no further ahead than at this deadline, but for those that stood before it already. */
  floor = Number.NEGATIVE_INFINITY;

  /** The node with the earliest deadline. */
  get first(): T | undefined {
    return this.#size === 0 ? undefined : this.#nodes[this.#slots[0] as number];
  }

  /** The earliest deadline; Infinity without a node. */
  get earliest(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#deadlines[0] as number);
  }

  insert(node: T): void {
    const position = this.#size;
    if (position === this.#nodes.length) this.#addSlot();
    const slot = this.#slots[position] as number;
    this.#size = position + 1;
    this.#nodes[slot] = node;
    node.queueSlot = slot;
    this.#rise(slot, Math.max(node.deadline, this.floor), position);
  }

  remove(node: T): void {
    const slot = node.queueSlot;
    const position = this.#positions[slot] as number;
    const last = this.#size - 1;
    node.queueSlot = -1;
    this.#nodes[slot] = undefined;
    this.#size = last;
    if (position !== last) this.#place(this.#slots[last] as number, this.#deadlines[last] as number, position);
    this.#slots[last] = slot;
  }

  /** Restores the order after the deadline of a queued node changed. */
  reposition(node: T): void {
    const position = this.#positions[node.queueSlot] as number;
    const floor = Math.min(this.floor, this.#deadlines[position] as number);
    this.#place(node.queueSlot, Math.max(node.deadline, floor), position);
  }

  #addSlot(): void {
    const slot = this.#nodes.length;
    if (slot === this.#slots.length) {
      this.#positions = grown(this.#positions, new Int32Array(2 * slot));
      this.#deadlines = grown(this.#deadlines, new Float64Array(2 * slot));
      this.#slots = grown(this.#slots, new Int32Array(2 * slot));
    }
    this.#nodes.push(undefined);
    this.#slots[slot] = slot;
  }

  #place(slot: number, deadline: number, position: number): void {
    const mustRise = position > 0 && (this.#deadlines[(position - 1) >> ARITY_SHIFT] as number) > deadline;
    if (mustRise) this.#rise(slot, deadline, position);
    else this.#sink(slot, deadline, position);
  }

  #rise(slot: number, deadline: number, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> ARITY_SHIFT;
      const parentDeadline = this.#deadlines[parent] as number;
      if (parentDeadline <= deadline) break;
      this.#put(this.#slots[parent] as number, parentDeadline, position);
      position = parent;
    }
    this.#put(slot, deadline, position);
  }

  #sink(slot: number, deadline: number, from: number): void {
    const deadlines = this.#deadlines;
    let position = from;
    for (;;) {
      let child = ARITY * position + 1;
      if (child >= this.#size) break;
      const end = Math.min(child + ARITY, this.#size);
      for (let other = child + 1; other < end; other += 1) {
        if ((deadlines[other] as number) < (deadlines[child] as number)) child = other;
      }
      const childDeadline = deadlines[child] as number;
      if (deadline <= childDeadline) break;
      this.#put(this.#slots[child] as number, childDeadline, position);
      position = child;
    }
    this.#put(slot, deadline, position);
  }

  #put(slot: number, deadline: number, position: number): void {
    this.#slots[position] = slot;
    this.#deadlines[position] = deadline;
    this.#positions[slot] = position;
  }
}

function grown<A extends Int32Array | Float64Array>(array: A, larger: A): A {
  larger.set(array);
  return larger;
}
