import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleReport, sampleResult } from './sample-report.test-support.js';
import { formatTotals, verdictOf } from './verdict.js';

const passed = sampleResult();
const failed = sampleResult({ outcome: 'failed' });
const tolerated = sampleResult({ outcome: 'failed', class: 'stochastic' });
const skipped = sampleResult({ outcome: 'skipped', reason: 'because' });

test('a run is accepted if no required rule failed, and one that is not required may fail', () => {
  const { ok, complaints, totals } = verdictOf(sampleReport({ results: [passed, tolerated, skipped] }));
  assert.equal([ok, complaints], [true, []]);
  assert.is(formatTotals(totals), '1 passed, 0 failed, 1 failed without counting, 1 skipped');
});

test('a run is refused for a failed required rule', () => {
  const { ok, complaints } = verdictOf(sampleReport({ results: [passed, failed] }));
  assert.equal([ok, complaints], [false, ['1 failure of required rules']]);
});

test('a run is refused if a rule was skipped silently', () => {
  const silent = sampleResult({ id: 'wait.silent', outcome: 'skipped' });
  const { ok, complaints } = verdictOf(sampleReport({ results: [passed, silent] }));
  assert.equal([ok, complaints], [false, ['wait.silent was skipped without a reason']]);
});

test('a run is refused if no rule ran', () => {
  assert.equal(verdictOf(sampleReport({ results: [skipped] })).complaints, ['no rule ran']);
  assert.equal(verdictOf(sampleReport({ results: [] })).complaints, ['no rule ran']);
});

test('a run is refused if it was interrupted or lacks results', () => {
  const { ok, complaints } = verdictOf(
    sampleReport({ results: [passed], chosen: 2, rounds: 2, interrupted: 'SIGINT' }),
  );
  assert.equal([ok, complaints], [false, ['the run was interrupted by SIGINT', '3 results missing']]);
});

test.run();
