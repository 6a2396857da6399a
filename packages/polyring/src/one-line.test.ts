import { BackendUnavailableError, PolyringError } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneLine } from './one-line.js';

const BASE = { requested: 'uring', strict: true, requiredOpcodes: [] };

test('a refused selection is told by each reason and remedy, in one line', () => {
  const refused = (name: string) =>
    ({
      name,
      priority: 1,
      outcome: 'passed-over',
      code: 'no',
      reason: 'Why.',
      remedy: 'Do.',
      exhausted: false,
    }) as const;
  const candidates = [refused('a'), refused('b'), { name: 'c', priority: 0, outcome: 'not-tried' } as const];
  assert.is(
    oneLine(new BackendUnavailableError({ ...BASE, candidates })),
    'The backend "a" cannot be used (no). Why. Do. The backend "b" cannot be used (no). Why. Do.',
  );
  assert.is(
    oneLine(new BackendUnavailableError({ ...BASE, candidates: [] })),
    'No backend could be used: "uring" was asked for, strictly.',
  );
});

test('of any other error the first line is told', () => {
  assert.is(oneLine(new PolyringError('ERR_POLYRING_CONFIG', 'first\nsecond')), 'first');
});

test.run();
