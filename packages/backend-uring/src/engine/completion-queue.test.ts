import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CQE_WORDS } from '../kernel/abi.js';
import type { NativeRing } from '../kernel/binding.js';
import { CompletionQueue } from './completion-queue.js';
import { IS_RECEIVE, IS_SEND } from './user-data.js';

const [CQ_HEAD, CQ_TAIL, CQES] = [0, 1, 4];
const TERMINAL = 0;

/** Both halves of a completion's user_data, its result, and its flags if it has any. */
type Cqe = readonly [low: number, high: number, result: number, flags?: number];

/** Sends, receives and others in slots that are of sockets whose numbers are 1,000 more. */
const send = (slot: number): Cqe => [slot, IS_SEND | 1, slot];
const receive = (slot: number): Cqe => [slot + 500, IS_RECEIVE | 1, slot];
const other = (slot: number): Cqe => [slot, 1, slot];
const LATE = 2;
const slots = {
  socket: (slot: number) => 1000 + (slot % 500),
  isCurrent: (_slot: number, generation: number) => generation !== LATE,
};

/** A CQ with room for `entries` that is filled and reaped by turns. */
class PlayedQueue {
  readonly #entries: number;
  readonly #words: Int32Array;
  readonly #control = new Uint32Array(3);
  readonly completions: CompletionQueue;

  constructor(entries: number, head: number, ...cqes: readonly Cqe[]) {
    this.#entries = entries;
    this.#words = new Int32Array(CQES + entries * CQE_WORDS);
    this.#words[CQ_HEAD] = head;
    this.#words[CQ_TAIL] = head;
    const native = {
      cqEntries: entries,
      rings: this.#words.buffer,
      control: this.#control.buffer,
      cqHead: CQ_HEAD * 4,
      cqTail: CQ_TAIL * 4,
      cqes: CQES * 4,
    } as unknown as NativeRing;
    this.completions = new CompletionQueue(native, slots);
    this.post(...cqes);
  }

  post(...cqes: readonly Cqe[]): void {
    for (const cqe of cqes) {
      const tail = this.#words[CQ_TAIL] as number;
      assert.ok(((tail - (this.#words[CQ_HEAD] as number)) | 0) < this.#entries, 'there is no room');
      const [low, high, result, flags = 0] = cqe;
      this.#words.set([low, high, result, flags], CQES + (tail & (this.#entries - 1)) * CQE_WORDS);
      this.#words[CQ_TAIL] = (tail + 1) | 0;
    }
  }

  /** The slots of what one reap tells of. */
  reap(most: number): number[] {
    const told: number[] = [];
    const count = this.completions.reap((slot, _high, result) => {
      assert.is(result, slot % 500);
      return told.push(slot) > 0;
    }, most);
    assert.is(count, told.length);
    return told;
  }

  /** What all reaps of a batch tell of. */
  batch(most: number): number[][] {
    const told = [this.reap(most)];
    while (this.completions.left) told.push(this.reap(most));
    return told;
  }

  get room(): number {
    return this.#entries - (((this.#words[CQ_TAIL] as number) - (this.#words[CQ_HEAD] as number)) | 0);
  }

  get terminal(): number {
    return this.#control[TERMINAL] as number;
  }
}

test('a result is found by both halves of its user_data, wherever in the CQ it stands', () => {
  for (const head of [0, 3, 6, 2 ** 31 - 2]) {
    const { completions } = new PlayedQueue(4, head, [7, 1, 10], [8, 1, 11], [7, 2, -32]);
    assert.is(completions.resultOf(7, 2), -32);
    assert.is(completions.resultOf(7, 1), 10);
    assert.is(completions.resultOf(8, 2), undefined);
  }
});

test('what was told of is not found any more', () => {
  const queue = new PlayedQueue(4, 2, other(7));
  assert.equal(queue.reap(32), [7]);
  assert.is(queue.completions.resultOf(7, 1), undefined);
  assert.equal(queue.reap(32), []);
});

test('no more is told of together than was asked for, in the order of the CQ', () => {
  const queue = new PlayedQueue(8, 2 ** 31 - 3, other(1), other(2), other(3), other(4), other(5));
  assert.equal(queue.batch(2), [[1, 2], [3, 4], [5]]);
  assert.is(queue.room, 8);
  assert.is(queue.terminal, 5);
});

test('what completes while a batch is told of is of the next one', () => {
  const queue = new PlayedQueue(8, 0, other(1), other(2), other(3));
  assert.equal(queue.reap(2), [1, 2]);
  queue.post(other(4));
  assert.equal(queue.reap(2), [3]);
  assert.not(queue.completions.left);
  assert.equal(queue.reap(2), [4]);
});

test('of few completions a send is told of where it stands', () => {
  const queue = new PlayedQueue(4, 0, send(1), send(2), receive(1));
  assert.equal(queue.batch(3), [[1, 2, 501]]);
});

test('of many, a send is told of behind all promises and right before what its socket received', () => {
  const queue = new PlayedQueue(16, 9, ...[1, 2, 3, 4, 5].map(send), ...[4, 3, 2].map(receive), other(9), receive(5));
  assert.equal(queue.batch(2), [[4, 3], [504, 503], [2], [502, 9], [5], [505], [1]]);
  assert.is(queue.room, 16);
  assert.is(queue.terminal, 10);
  assert.not(queue.completions.leftAside);
});

test('sends that nothing was received for are told of at the end, without the CQ saying that they are left', () => {
  const queue = new PlayedQueue(8, 0, ...[1, 2, 3, 4, 5].map(send));
  assert.equal(queue.reap(2), [1, 2]);
  assert.is(queue.room, 8, 'held sends keep their room in the CQ');
  assert.ok(queue.completions.leftAside);
  assert.is(queue.completions.resultOf(2, IS_SEND | 1), undefined);
  assert.is(queue.completions.resultOf(5, IS_SEND | 1), 5);
  queue.post(other(6));
  assert.equal(queue.batch(2), [[3, 4], [5]]);
  assert.equal(queue.batch(2), [[6]]);
});

test('of two sends of a socket the first is told of first', () => {
  const second: Cqe = [501, IS_SEND | 1, 1];
  const queue = new PlayedQueue(4, 0, send(1), second, receive(1));
  assert.equal(queue.batch(2), [[1], [501], [501]]);
});

test('what has flags, and what belongs to no operation, is told of where it stands', () => {
  const withFlags: Cqe = [1, IS_SEND | 1, 1, 2];
  const late: Cqe = [2, IS_SEND | LATE, 2];
  const lateReceive: Cqe = [-1, IS_RECEIVE | LATE, -1];
  const queue = new PlayedQueue(8, 0, withFlags, send(3), late, send(4), lateReceive, receive(4));
  assert.equal(queue.batch(2), [[4], [1, 2], [-1, 504], [3]]);
  assert.is(queue.terminal, 6);
});

test('where but sends are left that were told of before, what stands behind them is told of', () => {
  const queue = new PlayedQueue(8, 0, receive(1), other(9), send(1), send(2), receive(2), send(3));
  assert.equal(queue.batch(2), [[1], [501, 9], [2], [502], [3]]);
  queue.post(receive(4), other(9), send(4));
  assert.equal(queue.reap(2), [4]);
  assert.equal(queue.reap(2), [504, 9]);
  queue.post(other(8));
  assert.equal(queue.reap(2), [8]);
  assert.is(queue.room, 8);
});

test('more sends than were held before, of higher sockets, find room', () => {
  const slots = Array.from({ length: 400 }, (_, slot) => slot);
  const queue = new PlayedQueue(1024, 0, ...slots.map(send), ...slots.map(receive));
  const told = queue.batch(32);
  assert.equal(
    told.flat().sort((a, b) => a - b),
    [...slots, ...slots.map((slot) => slot + 500)],
  );
  for (const group of told) assert.ok(group.length <= 32 && new Set(group.map((slot) => slot >= 500)).size === 1);
});

test.run();
