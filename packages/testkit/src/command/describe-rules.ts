import { opcodeName } from '@polyring/core';
import { DEFAULT_TIME_LIMIT, type Rule } from '../rule.js';
import { CommandError } from './command-error.js';

/** One line a rule: its id, its class, and what it expects. */
export function listRules(rules: readonly Rule[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const lines = rules.map((rule) => `${rule.id.padEnd(width)}  ${rule.class.padEnd(10)}  ${rule.expectation}`);
  return `${lines.join('\n')}\n`;
}

/**
 * Everything there is to know of one rule.
 *
 * @throws CommandError with exit code 2 if there is no such rule
 */
export function explainRule(rules: readonly Rule[], id: string): string {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new CommandError(2, `There is no rule "${id}". --list names them all.`);
  return [
    `${rule.id} (${rule.class})`,
    `  ${rule.expectation}.`,
    `  Contract: docs/contract.md#${rule.section}`,
    ...conditions(rule).map((condition) => `  ${condition}`),
    `  Time limit: ${rule.timeLimit ?? DEFAULT_TIME_LIMIT} ms, times --time-scale`,
    `  ${consequence(rule)}`,
    '',
  ].join('\n');
}

function conditions({ needs, unless, opcodes = [], features = [] }: Rule): string[] {
  const names = opcodes.map(opcodeName).join(', ');
  return [
    ...(needs === undefined ? [] : [`Applies where driver.supports.${needs} is true`]),
    ...(unless === undefined ? [] : [`Applies where driver.supports.${unless} is false`]),
    ...(names === '' ? [] : [`Submits ${names}; where ioUringProbe is false, checks that it is refused`]),
    ...(features.length === 0
      ? []
      : [`Uses ${features.join(', ')} of ioUring.features; where one is false, checks that it is refused`]),
  ];
}

function consequence({ class: ruleClass }: Rule): string {
  if (ruleClass === 'required') return 'A driver that fails it does not keep the contract.';
  if (ruleClass === 'optional') return 'A driver that fails it lacks something good to have; the run does not fail.';
  return 'It measures, and a busy machine may spoil it; the run does not fail.';
}
