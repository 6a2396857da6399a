import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleReport, sampleResult } from '../report/sample-report.test-support.js';
import { markdown } from './markdown.js';

test('the document tells the verdict, the facts, the failures and every rule', () => {
  const text = markdown(sampleReport());
  assert.ok(text.startsWith('# Conformance of the driver "sample"\n\n**Not passed: 2 failures of required rules.**'));
  assert.ok(text.includes('| kernel | 6.1.0 |'));
  assert.ok(text.includes('### wait.died\n'));
  assert.ok(text.includes('| wait.failed | FAILED | 13 | A sample holds |'));
  assert.ok(text.includes('| timer.measured | failed, does not count (stochastic) | 13 | A sample holds |'));
});

test('without failures there is no section of them', () => {
  const text = markdown(sampleReport({ results: [sampleResult()] }));
  assert.ok(text.includes('**Passed.** 1 passed, 0 failed'));
  assert.not.ok(text.includes('## Failures'));
});

test('neither a cell nor a fence is broken by what is in it', () => {
  const result = sampleResult({ outcome: 'skipped', reason: 'a | b\n*c*' });
  assert.ok(markdown(sampleReport({ results: [result] })).includes('| skipped: a \\| b \\*c\\* |'));
  assert.match(markdown(sampleReport()), /\n(`{4,})text\n.*```.*\n\1\n/s);
});

test.run();
