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

test.run();
