import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleReport } from '../report/sample-report.test-support.js';
import { json } from './json.js';

test('the JSON document holds the report and the verdict', () => {
  const report = sampleReport();
  const parsed = JSON.parse(json(report));
  assert.is(parsed.ok, false);
  assert.equal(parsed.totals, { passed: 2, failed: 2, tolerated: 1, skipped: 1 });
  assert.equal(parsed.complaints, ['2 failures of required rules']);
  for (const [name, value] of Object.entries(report)) assert.equal(parsed[name], value, name);
});

test.run();
