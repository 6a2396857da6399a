import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type TimerNode, TimerQueue } from './timer-queue.js';

class Node implements TimerNode {
  queueSlot = -1;

  constructor(public deadline: number) {}
}

/** Numbers below a bound that are the same in every run with the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function drain(queue: TimerQueue<Node>): number[] {
  const deadlines: number[] = [];
  for (let node = queue.first; node !== undefined; node = queue.first) {
    deadlines.push(node.deadline);
    queue.remove(node);
  }
  return deadlines;
}

test('an empty queue has no first node', () => {
  const queue = new TimerQueue<Node>();
  assert.is(queue.first, undefined);
});

test('nodes leave in the order of their deadlines, equal and infinite ones included', () => {
  const queue = new TimerQueue<Node>();
  const deadlines = [5, 1, Infinity, 3, 1, -Infinity, 0, 3];
  for (const deadline of deadlines) queue.insert(new Node(deadline));
  assert.equal(drain(queue), [-Infinity, 0, 1, 1, 3, 3, 5, Infinity]);
});

test('a node that left knows that it is in no queue and can be inserted again', () => {
  const queue = new TimerQueue<Node>();
  const node = new Node(1);
  queue.insert(node);
  assert.is(node.queueSlot, 0);
  queue.remove(node);
  assert.is(node.queueSlot, -1);
  queue.insert(node);
  assert.is(queue.first, node);
});

test('removing a node below another branch lets the moved node rise', () => {
  const queue = new TimerQueue<Node>();
  const nodes = [0, 100, 1, 101, 102, 2, 3].map((deadline) => new Node(deadline));
  for (const node of nodes) queue.insert(node);
  queue.remove(nodes[3] as Node);
  assert.equal(drain(queue), [0, 1, 2, 3, 100, 102]);
});

for (const seed of [1, 2, 3, 4]) {
  test(`random inserts, moves and removals agree with a sorted array (seed ${seed})`, () => {
    const random = seeded(seed);
    const queue = new TimerQueue<Node>();
    const model: Node[] = [];
    for (let step = 0; step < 4_000; step += 1) {
      const growing = Math.floor(step / 1_000) % 2 === 0;
      const choice = random(10);
      if (model.length === 0 || choice < (growing ? 6 : 2)) {
        const node = new Node(random(200));
        queue.insert(node);
        model.push(node);
      } else if (choice < 8) {
        const node = model[random(model.length)] as Node;
        node.deadline = random(200);
        queue.reposition(node);
      } else {
        const [node] = model.splice(random(model.length), 1) as [Node];
        queue.remove(node);
        assert.is(node.queueSlot, -1);
      }
      const earliest = model.reduce((least, each) => Math.min(least, each.deadline), Infinity);
      assert.is(queue.first?.deadline ?? Infinity, earliest, `after step ${step}`);
    }
    model.sort((a, b) => a.deadline - b.deadline);
    assert.is(new Set(model.map((node) => node.queueSlot)).size, model.length);
    assert.equal(
      drain(queue),
      model.map((node) => node.deadline),
    );
  });
}

test.run();
