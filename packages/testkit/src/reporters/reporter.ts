import type { KitReport } from '../report/report.js';

/** How a report is shown. */
export interface Presentation {
  /** Whether the text may hold the escape sequences of a terminal. */
  readonly colour: boolean;
}

/** Turns a report into text that ends with a line feed. */
export type Reporter = (report: KitReport, presentation: Presentation) => string;
