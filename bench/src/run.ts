import type { Case } from './case.js';
import { thisMachine } from './report/machine.js';
import { ProgressLine } from './report/progress.js';
import { type CaseReport, type Report, reportCase } from './report/report.js';
import { caseText, endingText, headingText } from './report/table.js';
import { runCase } from './rounds.js';
import { type Effort, Workshop } from './workshop.js';

/** Runs cases one after the other, and prints each when it is over. */
export async function run(cases: readonly Case[], effort: Effort): Promise<Report> {
  using workshop = new Workshop(effort);
  const progress = new ProgressLine();
  const reports: CaseReport[] = [];
  const report: Report = { startedAt: new Date().toISOString(), machine: thisMachine(), effort, cases: reports };
  console.log(headingText(report));
  for (const [index, each] of cases.entries()) {
    const place = `${index + 1}/${cases.length} ${each.name}`;
    const outcomes = await runCase(each, workshop, effort, (round, rival) =>
      progress.show(`${place}  ${round === 0 ? 'warming' : `round ${round}/${effort.rounds}`}  ${rival}`),
    );
    progress.clear();
    const reported = reportCase(each, outcomes);
    reports.push(reported);
    console.log(caseText(reported));
  }
  console.log(endingText(report));
  return report;
}

/** Whether something went wrong that no rival may: results that were wrong. */
export function hasFaults({ cases }: Report): boolean {
  return cases.some(({ absent }) => absent.some(({ fault }) => fault));
}
