import type { KitReport, RuleReport } from './report.js';

/** A result of a rule, with what a test says of it. */
export function sampleResult(result: Partial<RuleReport> = {}): RuleReport {
  return {
    id: 'timer.sample',
    class: 'required',
    expectation: 'A sample holds',
    section: 'timers',
    round: 1,
    seed: 7,
    outcome: 'passed',
    milliseconds: 12.5,
    ...result,
  };
}

/** What is hard to print: markup, control characters, half a surrogate pair, fences and line ends. */
export const HOSTILE = 'a < b && "c" ]]> \u0000\u001b[31mred\u001b[39m \uD800 | ``` # SKIP\r\n  \\ok 1 - no\ttab';

/** One result of each kind: passed, passed with a reason, failed, died, tolerated, skipped. */
export const SAMPLE_RESULTS: readonly RuleReport[] = [
  sampleResult({ id: 'timer.passed' }),
  sampleResult({ id: 'ring.opposite', reason: 'ioUringProbe is false for opcode 3: checked that it is refused' }),
  sampleResult({
    id: 'wait.failed',
    outcome: 'failed',
    error: { name: 'AssertionError', code: 'ERR_ASSERTION', message: `one\n${HOSTILE}`, detail: `stack of ${HOSTILE}` },
    output: `said ${HOSTILE}`,
  }),
  sampleResult({
    id: 'wait.died',
    outcome: 'failed',
    error: { name: 'Error', message: "The rule's process was ended by SIGABRT", detail: 'died' },
    end: { code: null, signal: 'SIGABRT', timedOut: false },
  }),
  sampleResult({
    id: 'timer.measured',
    class: 'stochastic',
    outcome: 'failed',
    error: { name: 'Error', message: 'too late', detail: 'Error: too late' },
  }),
  sampleResult({ id: 'ring.skipped', outcome: 'skipped', reason: 'driver.supports.ioUring is false \\# really' }),
];

/** A report of {@link SAMPLE_RESULTS}, or of other results. */
export function sampleReport(report: Partial<KitReport> = {}): KitReport {
  const { results = SAMPLE_RESULTS } = report;
  return {
    kit: '1.2.3',
    contract: '0.1',
    kernel: '6.1.0',
    node: 'v20.0.0',
    architecture: 'x64',
    subject: './sample.js',
    driver: {
      name: 'sample',
      supports: { ioUring: true },
      opcodes: ['IORING_OP_NOP', 'IORING_OP_READ'],
      features: ['bufferRing'],
    },
    seed: 7,
    rounds: 1,
    timeScale: 1,
    isolated: true,
    known: results.length,
    chosen: results.length,
    startedAt: '2026-01-02T03:04:05.678Z',
    milliseconds: 2345.6,
    results,
    ...report,
  };
}
