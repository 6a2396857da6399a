import type { KitReport, RuleReport } from '../report/report.js';
import { isFailure, isTolerated } from '../report/verdict.js';
import { detailOf, factsOf } from './facts.js';
import { type Element, xmlDocument } from './xml.js';

/**
 * The report in the XML of JUnit: a suite for each round, a case for each rule. `failure` is a check that failed,
 * `error` a process that died or hung. A failed rule that is not required counts as skipped, since consumers know
 * no failure that does not count.
 */
export function junit(report: KitReport): string {
  const suites = Array.from({ length: report.rounds }, (_, index) => suite(index + 1, report));
  const attributes = { name: 'polyring-testkit', ...totalsOf(report.results) };
  return xmlDocument({ name: 'testsuites', attributes, children: suites });
}

function suite(round: number, report: KitReport): Element {
  const results = report.results.filter((result) => result.round === round);
  const attributes = {
    name: report.rounds === 1 ? report.driver.name : `${report.driver.name}, round ${round}`,
    ...totalsOf(results),
    skipped: results.filter((result) => result.outcome === 'skipped' || isTolerated(result)).length,
    timestamp: report.startedAt.replace(/\.\d+Z$/, ''),
  };
  const properties = factsOf(report).map(([name, value]) => ({ name: 'property', attributes: { name, value } }));
  return {
    name: 'testsuite',
    attributes,
    children: [{ name: 'properties', children: properties }, ...results.map((result) => testCase(result, report))],
  };
}

function testCase(result: RuleReport, { driver }: KitReport): Element {
  const [area] = result.id.split('.', 1);
  const attributes = { name: result.id, classname: `${driver.name}.${area}`, time: seconds([result]) };
  return { name: 'testcase', attributes, children: outcomeOf(result) };
}

function outcomeOf(result: RuleReport): Element[] {
  const { error, reason = '' } = result;
  if (isFailure(result) && error !== undefined) {
    const name = isDeath(result) ? 'error' : 'failure';
    return [{ name, attributes: { message: error.message, type: error.code ?? error.name }, text: detailOf(result) }];
  }
  if (isTolerated(result)) {
    const message = `failed, but is ${result.class} and does not count: ${error?.message ?? ''}`;
    return [
      { name: 'skipped', attributes: { message } },
      { name: 'system-out', text: detailOf(result) },
    ];
  }
  if (result.outcome === 'skipped') return [{ name: 'skipped', attributes: { message: reason } }];
  return reason === '' ? [] : [{ name: 'system-out', text: reason }];
}

function totalsOf(results: readonly RuleReport[]): Record<string, string | number> {
  const failures = results.filter(isFailure);
  const errors = failures.filter(isDeath).length;
  return { tests: results.length, failures: failures.length - errors, errors, time: seconds(results) };
}

function isDeath({ end }: RuleReport): boolean {
  return end !== undefined;
}

function seconds(results: readonly RuleReport[]): string {
  return (results.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(3);
}
