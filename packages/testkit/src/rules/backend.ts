import assert from 'node:assert/strict';
import { checkAvailability, checkCreated, type Driver, opcodeName } from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

/** The members of a driver, by type. `ioUring` throws where there is no ring. */
const MEMBERS: Readonly<Record<Exclude<keyof Driver, 'ioUring'>, 'boolean' | 'function' | 'object' | 'string'>> = {
  name: 'string',
  supports: 'object',
  closed: 'boolean',
  newDynTimer: 'function',
  newDynFdReady: 'function',
  newDynSocketReady: 'function',
  newDynWait: 'function',
  ioUringProbe: 'function',
  ioUringSubmit: 'function',
  submitMany: 'function',
  submitLinked: 'function',
  multishot: 'function',
  remoteHandle: 'function',
  allocate: 'function',
  allocateAsync: 'function',
  close: 'function',
  ref: 'function',
  unref: 'function',
  hasRef: 'function',
  [Symbol.asyncDispose]: 'function',
};

async function availability({ subject: { factory } }: RuleContext): Promise<void> {
  const answer: unknown = factory.availability();
  assert.doesNotThrow(() => checkAvailability(answer, factory.name));
}

async function driver({ subject: { factory } }: RuleContext): Promise<void> {
  const driver = factory.create();
  assert.doesNotThrow(() => checkCreated(driver, factory.name));
  const wrong = (Reflect.ownKeys(MEMBERS) as (keyof typeof MEMBERS)[]).filter(
    (member) => typeof driver[member] !== MEMBERS[member],
  );
  await driver.close();
  assert.deepEqual(wrong.map(String), [], 'members that a driver of the backend lacks, or that are of another type');
}

async function minimumOpcodes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const lacking = context.subject.factory.minimumOpcodes.filter((opcode) => !driver.ioUringProbe(opcode));
  assert.deepEqual(lacking.map(opcodeName), [], 'a driver lacks opcodes that minimumOpcodes lists');
}

const rule = ruleOf('backend', 'backends');

/** The rules of what selection asks a backend. */
export const backendRules: readonly Rule[] = [
  rule('availability', 'Availability is answered at once, with all that a refusal must say', availability),
  rule('driver', 'What is created is a driver at once, with every member of one', driver),
  rule('minimum-opcodes', 'A driver supports every opcode without which it is said to be of no use', minimumOpcodes),
];
