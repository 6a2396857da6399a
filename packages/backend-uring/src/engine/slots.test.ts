import { Entry, IORING_OP_NOP } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Operation } from './operation.js';
import { Slots } from './slots.js';

class TestOperation extends Operation {
  readonly entry = Entry.unsafe({ opcode: IORING_OP_NOP });
  complete(): void {}
}

test('a late completion does not find the next operation of its slot', () => {
  const slots = new Slots();
  const first = new TestOperation();
  slots.occupy(first);
  const { slot } = first;
  const generation = slots.generation(slot);
  assert.is(slots.find(slot, generation), first);
  slots.vacate(first);
  assert.is(slots.find(slot, generation), undefined);
  const second = new TestOperation();
  slots.occupy(second);
  assert.is(second.slot, slot);
  assert.is(slots.find(slot, generation), undefined);
  assert.is(slots.find(slot, slots.generation(slot)), second);
});

test('a slot that was used often is not found for a user_data that is a safe integer', () => {
  const slots = new Slots();
  const operation = new TestOperation();
  const userData = slots.occupyYoung(operation);
  slots.vacate(operation);
  assert.is(slots.occupyYoung(operation), userData + 2 ** 32, 'the slot is used again');
  slots.vacate(operation);
  for (let uses = 2; uses < 2 ** 21; uses += 1) {
    slots.occupy(operation);
    slots.vacate(operation);
  }
  assert.is(slots.occupyYoung(operation), userData + 1, 'another slot');
  slots.vacate(operation);
  assert.is(slots.occupyYoung(operation), userData + 1 + 2 ** 32);
  slots.vacate(operation);
  assert.is(slots.used, 0);
});

test('a completion of a slot that never was finds nothing', () => {
  assert.is(new Slots().find(-1, -1), undefined);
});

test('more operations than the first table holds keep their slots apart', () => {
  const slots = new Slots();
  const operations = Array.from({ length: 10_000 }, () => new TestOperation());
  for (const operation of operations) slots.occupy(operation);
  assert.is(new Set(operations.map((operation) => operation.slot)).size, 10_000);
  for (const operation of operations) {
    assert.is(slots.find(operation.slot, slots.generation(operation.slot)), operation);
  }
  for (const operation of operations) slots.vacate(operation);
  assert.is(slots.used, 0);
  assert.not(operations.some((operation) => operation.inFlight));
});

test.run();
