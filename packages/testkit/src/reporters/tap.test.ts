import { Parser, type Result } from 'tap-parser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HOSTILE, SAMPLE_RESULTS, sampleReport, sampleResult } from '../report/sample-report.test-support.js';
import { tap } from './tap.js';

function parse(text: string): { results: readonly Result[]; comments: string[]; extra: string[]; parser: Parser } {
  const parser = new Parser({ strict: true });
  const results: Result[] = [];
  const comments: string[] = [];
  const extra: string[] = [];
  parser.on('result', (result: Result) => results.push(result));
  parser.on('comment', (comment: string) => comments.push(comment));
  parser.on('extra', (line: string) => extra.push(line));
  parser.end(text);
  return { results, comments, extra, parser };
}

test('a strict parser of TAP reads every result as it was', () => {
  const { results, comments, extra, parser } = parse(tap(sampleReport()));
  assert.equal(extra, [], 'lines that are no TAP');
  assert.is(parser.syntheticBailout, false);
  assert.equal(
    results.map(({ ok, name, todo, skip }) => [ok, name, todo, skip]),
    [
      [true, 'timer.passed', false, false],
      [true, 'ring.opposite', false, false],
      [false, 'wait.failed', false, false],
      [false, 'wait.died', false, false],
      [false, 'timer.measured', 'stochastic, does not count', false],
      [true, 'ring.skipped', false, 'driver.supports.ioUring is false \\# really'],
    ],
  );
  assert.ok(comments.includes('# driver: sample\n'));
  const { ok, count, pass, fail, skip, todo } = parser.results ?? {};
  assert.equal([ok, count, pass, fail, skip, todo], [false, 6, 3, 3, 1, 1]);
});

test('the block of a failure holds its message, details and the command that runs it again', () => {
  const { results } = parse(tap(sampleReport()));
  const { message, detail, again } = (results[2] as Result).diag as Record<string, unknown>;
  assert.is(message, `one\n${HOSTILE}`);
  assert.ok(String(detail).includes('Output of the process:'));
  assert.is(again, "polyring-testkit ./sample.js --rules 'wait.failed' --seed 7");
});

test('a run without failures that count passes', () => {
  const results = SAMPLE_RESULTS.filter(({ id }) => !['wait.failed', 'wait.died'].includes(id));
  assert.is(parse(tap(sampleReport({ results }))).parser.ok, true);
});

test('an interrupted run bails out', () => {
  const report = sampleReport({ results: [sampleResult()], chosen: 3, interrupted: 'SIGINT' });
  const { parser } = parse(tap(report));
  assert.is(parser.results?.bailout, 'the run was interrupted by SIGINT; 2 results missing');
  assert.is(parser.ok, false);
});

test('the rounds of a rule have names of their own', () => {
  const results = [sampleResult(), sampleResult({ round: 2 })];
  const { results: parsed } = parse(tap(sampleReport({ results, rounds: 2, chosen: 1 })));
  assert.equal(
    parsed.map(({ name }) => name),
    ['timer.sample (round 1)', 'timer.sample (round 2)'],
  );
});

test.run();
