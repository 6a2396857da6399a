import assert from 'node:assert/strict';
import { type Entry, IORING_OP_NOP, nop, type PoolExhausted, type SubmitOptions } from '@polyring/core';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { NO_NUMBERS, NO_OPTIONAL_NUMBERS, refuses, rejects } from './refusals.js';
import { ruleOf } from './rule-of.js';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';
const TYPE_OR_RANGE = new RegExp(`^(${TYPE}|${RANGE})$`);
const NO_SIGNALS = [{}, 1, 'x'];
const NO_CHOICES = [null, 1, {}];
const NO_TIMES = [-1, Number.NEGATIVE_INFINITY];
const NO_LENGTHS = [0, -1, 1.5, Number.NaN];
const NO_ALIGNMENTS = [0, 3, 8192, 1.5, Number.NaN];

async function submissions(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const entry = nop();
  const calls: readonly ((options: SubmitOptions) => Promise<unknown>)[] = [
    (options) => driver.ioUringSubmit(entry, options),
    (options) => driver.submitMany([entry], options),
    (options) => driver.submitLinked([entry], options),
  ];
  for (const submit of calls) {
    await rejects('signal', NO_SIGNALS, TYPE, (signal: AbortSignal) => submit({ signal }));
    await rejects('timeout', NO_TIMES, RANGE, (timeout: number) => submit({ timeout }));
    await rejects('timeout', NO_OPTIONAL_NUMBERS, TYPE, (timeout: number) => submit({ timeout }));
    await rejects('timeout', [Number.NaN], TYPE_OR_RANGE, (timeout: number) => submit({ timeout }));
    await rejects('poolExhausted', NO_CHOICES, TYPE, (choice: PoolExhausted) => submit({ poolExhausted: choice }));
    assert.equal(await driver.ioUringSubmit(entry), 0, 'an entry whose options were refused is in flight');
  }
  const noEntries = [null, undefined, 1, {}, { ...entry }];
  await rejects('entry', noEntries, TYPE, (none: Entry) => driver.ioUringSubmit(none));
  await rejects('entry', noEntries, TYPE, (none: Entry) => driver.submitLinked([none]));
}

async function memory(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const [lengths, alignments, code] of [
    [NO_LENGTHS, NO_ALIGNMENTS, RANGE],
    [NO_NUMBERS, NO_OPTIONAL_NUMBERS, TYPE],
  ] as const) {
    refuses('length', lengths, code, (length: number) => driver.allocate(length));
    await rejects('length', lengths, code, (length: number) => driver.allocateAsync(length));
    refuses('alignment', alignments, code, (align: number) => driver.allocate(8, { align }));
    await rejects('alignment', alignments, code, (align: number) => driver.allocateAsync(8, { align }));
  }
  await rejects('signal', NO_SIGNALS, TYPE, (signal: AbortSignal) => driver.allocateAsync(8, { signal }));
}

/** The rules of what may be submitted, and what memory may be asked for. */
export const ringArgumentRules: readonly Rule[] = [
  ruleOf('ring', 'ring', { needs: 'ioUring' })(
    'arguments',
    'What is no entry and what is no option of a submission are refused by a rejection',
    submissions,
    { opcodes: [IORING_OP_NOP] },
  ),
  ruleOf('ring', 'memory')(
    'memory-arguments',
    'A length, an alignment and a signal that is none are refused by every driver',
    memory,
  ),
];
