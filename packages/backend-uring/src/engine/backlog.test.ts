import { Entry, IORING_OP_NOP } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Backlog } from './backlog.js';
import { Operation } from './operation.js';

class Numbered extends Operation {
  readonly entry = Entry.unsafe({ opcode: IORING_OP_NOP });
  constructor(readonly number: number) {
    super();
  }
  complete(): void {}
}

test('what goes in first comes out first, however adding and taking mix', () => {
  const backlog = new Backlog();
  let added = 0;
  let taken = 0;
  for (let round = 0; round < 200; round += 1) {
    for (let i = 0; i < 100; i += 1) backlog.add(new Numbered(added++));
    for (let i = 0; i < 70; i += 1) assert.is((backlog.take() as Numbered).number, taken++);
  }
  while (!backlog.empty) assert.is((backlog.take() as Numbered).number, taken++);
  assert.is(taken, added);
  assert.is(backlog.take(), undefined);
});

test('one is taken out of the middle, and only once', () => {
  const backlog = new Backlog();
  const numbered = Array.from({ length: 5 }, (_, index) => new Numbered(index));
  for (const each of numbered) backlog.add(each);
  backlog.take();
  assert.is(backlog.remove(numbered[0] as Numbered), false);
  assert.is(backlog.remove(numbered[2] as Numbered), true);
  assert.is(backlog.remove(numbered[2] as Numbered), false);
  const left = [backlog.take(), backlog.take(), backlog.take()].map((each) => (each as Numbered).number);
  assert.equal(left, [1, 3, 4]);
  assert.ok(backlog.empty);
});

test.run();
