import type { KitReport } from '../report/report.js';
import { verdictOf } from '../report/verdict.js';

/** The report as one JSON document: the data of {@link KitReport}, and the verdict. */
export function json(report: KitReport): string {
  return `${JSON.stringify({ ...verdictOf(report), ...report }, undefined, 2)}\n`;
}
