import type { KitReport, RuleReport } from '../report/report.js';
import { verdictOf } from '../report/verdict.js';
import { detailOf, factsOf, nameOf, replayOf } from './facts.js';

/**
 * The report in version 14 of the Test Anything Protocol (https://testanything.org). A failed rule that is not required
 * has the directive TODO, with which a failure does not count.
 */
export function tap(report: KitReport): string {
  const { complaints } = verdictOf(report);
  const lines = [
    'TAP version 14',
    ...factsOf(report).map(([name, value]) => `# ${name}: ${oneLine(value)}`),
    `1..${report.chosen * report.rounds}`,
    ...report.results.flatMap((result, index) => [
      testPoint(result, index + 1, report),
      ...diagnosis(result, report).map((line) => `  ${line}`),
    ]),
    ...(report.interrupted === undefined ? [] : [`Bail out! ${escapeText(complaints.join('; '))}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function testPoint(result: RuleReport, number: number, report: KitReport): string {
  const { outcome, reason = '', class: ruleClass } = result;
  const status = outcome === 'failed' ? 'not ok' : 'ok';
  const line = `${status} ${number} - ${escapeText(nameOf(result, report))}`;
  if (outcome === 'skipped') return `${line} # SKIP ${escapeText(reason)}`;
  if (outcome === 'failed' && ruleClass !== 'required') return `${line} # TODO ${ruleClass}, does not count`;
  return line;
}

/** A block of YAML, of which JSON is a part. */
function diagnosis(result: RuleReport, report: KitReport): string[] {
  const { error, expectation, reason, milliseconds, class: ruleClass, seed, section } = result;
  const entries: [string, unknown][] = [
    ['expectation', expectation],
    ['section', `docs/contract.md#${section}`],
    ['class', ruleClass],
    ['duration_ms', Math.round(milliseconds * 1000) / 1000],
    ['seed', seed],
    ...(reason === undefined ? [] : [['reason', reason] satisfies [string, unknown]]),
    ...(error === undefined
      ? []
      : ([
          ['message', error.message],
          ['detail', detailOf(result)],
          ['again', replayOf(result, report)],
        ] satisfies [string, unknown][])),
  ];
  return ['---', ...entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`), '...'];
}

function escapeText(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
