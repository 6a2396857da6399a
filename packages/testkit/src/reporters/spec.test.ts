import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleReport, sampleResult } from '../report/sample-report.test-support.js';
import { spec } from './spec.js';

const plain = { colour: false };

test('the text names the driver, the circumstances, every result and the verdict', () => {
  const text = spec(sampleReport(), plain);
  for (const part of [
    'The driver "sample" (ioUring, 2 opcodes) of ./sample.js\n',
    'polyring-testkit 1.2.3, contract 0.1, Node.js v20.0.0, Linux 6.1.0, x64\n',
    '6 of 6 rules, seed 7, time scale 1, each rule in a process of its own\n',
    'passed   timer.passed  13 ms\n',
    'passed   ring.opposite: ioUringProbe is false for opcode 3: checked that it is refused  13 ms\n',
    'FAILED   wait.failed  13 ms\n',
    'failed   timer.measured, which is stochastic and does not count: too late  13 ms\n',
    'skipped  ring.skipped: driver.supports.ioUring is false \\# really\n',
    'A sample holds. (docs/contract.md#timers)\n',
    "Again: polyring-testkit ./sample.js --rules 'wait.died' --seed 7\n",
    '2 passed, 2 failed, 1 failed without counting, 1 skipped, in 2.3 s with seed 7\n',
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
  assert.ok(text.endsWith('\nNot passed: 2 failures of required rules.\n'));
});

test('a run of all rules keeps the contract, one of some of them keeps those', () => {
  const results = [sampleResult()];
  assert.match(spec(sampleReport({ results }), plain), /Passed: the driver keeps the contract\.\n$/);
  assert.match(
    spec(sampleReport({ results, known: 9 }), plain),
    /Passed: the driver keeps the rules that were chosen\.\n$/,
  );
});

test('colour changes nothing but the colour, and there are no escape sequences without it', () => {
  const text = spec(sampleReport(), plain);
  assert.not.ok(text.includes('\x1b'));
  const coloured = spec(sampleReport(), { colour: true });
  assert.ok(coloured.includes('\x1b[31m'));
  assert.is(stripVTControlCharacters(coloured), text);
});

test.run();
