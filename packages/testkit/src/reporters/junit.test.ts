import { parse, type TestSuite, type TestSuites } from 'junit2json';
import { XmlDocument } from 'libxml2-wasm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleReport, sampleResult } from '../report/sample-report.test-support.js';
import { junit } from './junit.js';

async function suitesOf(text: string): Promise<TestSuite[]> {
  const root = (await parse(text)) as TestSuites;
  return root.testsuite ?? [];
}

test('a consumer of JUnit reads every result as it was', async () => {
  const [suite, ...others] = await suitesOf(junit(sampleReport()));
  assert.equal(others, []);
  const { name, tests, failures, errors, skipped, time, timestamp, testcase = [] } = suite as TestSuite;
  assert.equal([name, tests, failures, errors, skipped], ['sample', 6, 1, 1, 2]);
  assert.equal([time, timestamp], [0.075, '2026-01-02T03:04:05']);
  assert.equal(
    testcase.map((one) => [one.classname, one.name, one.failure?.length, one.error?.length, one.skipped?.length]),
    [
      ['sample.timer', 'timer.passed', undefined, undefined, undefined],
      ['sample.ring', 'ring.opposite', undefined, undefined, undefined],
      ['sample.wait', 'wait.failed', 1, undefined, undefined],
      ['sample.wait', 'wait.died', undefined, 1, undefined],
      ['sample.timer', 'timer.measured', undefined, undefined, 1],
      ['sample.ring', 'ring.skipped', undefined, undefined, 1],
    ],
  );
  assert.is(testcase[2]?.failure?.[0]?.type, 'ERR_ASSERTION');
  assert.match(testcase[2]?.failure?.[0]?.inner ?? '', /stack of a < b && "c" \]\]>/);
  assert.is(testcase[4]?.skipped?.[0]?.message, 'failed, but is stochastic and does not count: too late');
  assert.is(testcase[5]?.skipped?.[0]?.message, 'driver.supports.ioUring is false \\# really');
});

test('the properties tell what was judged, and where', async () => {
  const [suite] = await suitesOf(junit(sampleReport()));
  const properties = new Map(suite?.properties?.map(({ name, value }) => [name, String(value)]));
  for (const [name, value] of [
    ['kit', '1.2.3'],
    ['contract', '0.1'],
    ['kernel', '6.1.0'],
    ['node', 'v20.0.0'],
    ['architecture', 'x64'],
    ['driver', 'sample'],
    ['capabilities', 'ioUring yes'],
    ['seed', '7'],
  ]) {
    assert.is(properties.get(name), value, name);
  }
});

test('the document is well-formed, whatever a rule printed', () => {
  const document = XmlDocument.fromString(junit(sampleReport()));
  assert.is(document.root.name, 'testsuites');
  document.dispose();
});

test('each round is a suite', async () => {
  const results = [sampleResult(), sampleResult({ round: 2, outcome: 'skipped', reason: 'why' })];
  const suites = await suitesOf(junit(sampleReport({ results, rounds: 2, chosen: 1 })));
  assert.equal(
    suites.map(({ name, tests, skipped }) => [name, tests, skipped]),
    [
      ['sample, round 1', 1, 0],
      ['sample, round 2', 1, 1],
    ],
  );
});

test.run();
