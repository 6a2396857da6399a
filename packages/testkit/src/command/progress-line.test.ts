import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleResult } from '../report/sample-report.test-support.js';
import { ProgressLine } from './progress-line.js';

function shown(isTTY: boolean, environment: NodeJS.ProcessEnv = {}): string {
  let text = '';
  const output = { isTTY, columns: 24, write: (part: string) => (text += part) };
  const line = new ProgressLine(output, 3, environment);
  line.started('timer.order');
  line.ended(sampleResult({ outcome: 'failed', id: 'timer.order' }));
  line.started('a-rule.with-a-long-name');
  line.clear();
  return text;
}

test('on a terminal one line is written over, and failures stay', () => {
  assert.equal(shown(true).split('\r\x1b[2K'), [
    '',
    '0 of 3: timer.order',
    'failed: timer.order\n',
    '1 of 3, 1 failed: a-rul',
    '',
  ]);
});

test('elsewhere nothing is written', () => {
  assert.is(shown(false), '');
  assert.is(shown(true, { TERM: 'dumb' }), '');
});

test.run();
