/** What a {@link TimerQueue} holds. The queue owns `heapIndex`; -1 says that the node is in no queue. */
export interface TimerNode {
  deadline: number;
  heapIndex: number;
}

/** Nodes in order of their deadlines: a binary heap that knows where each node stands, so that removing one is O(log n). */
export class TimerQueue<T extends TimerNode> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The node with the earliest deadline. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  insert(node: T): void {
    this.#heap.push(node);
    this.#rise(node, this.#heap.length - 1);
  }

  remove(node: T): void {
    const last = this.#heap.pop() as T;
    const index = node.heapIndex;
    node.heapIndex = -1;
    if (last === node) return;
    last.heapIndex = index;
    this.#heap[index] = last;
    this.reposition(last);
  }

  /** Restores the order after the deadline of a queued node changed. */
  reposition(node: T): void {
    this.#sink(node, node.heapIndex);
    this.#rise(node, node.heapIndex);
  }

  #rise(node: T, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as T;
      if (parent.deadline <= node.deadline) break;
      heap[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    heap[index] = node;
    node.heapIndex = index;
  }

  #sink(node: T, from: number): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      let child = heap[childIndex] as T;
      if (childIndex + 1 < length) {
        const right = heap[childIndex + 1] as T;
        if (right.deadline < child.deadline) {
          child = right;
          childIndex += 1;
        }
      }
      if (node.deadline <= child.deadline) break;
      heap[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    heap[index] = node;
    node.heapIndex = index;
  }
}
