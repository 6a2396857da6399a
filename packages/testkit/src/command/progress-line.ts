import type { RuleReport } from '../report/report.js';
import { isFailure } from '../report/verdict.js';

/** Where the line is shown. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const ERASE = '\r\x1b[2K';

/** One line of a terminal that tells how far a run is. On anything but a terminal it writes nothing. */
export class ProgressLine {
  readonly #output: Output;
  readonly #total: number;
  readonly #live: boolean;
  #done = 0;
  #failed = 0;

  /** @param total how many results there will be */
  constructor(output: Output, total: number, environment: NodeJS.ProcessEnv) {
    this.#output = output;
    this.#total = total;
    this.#live = output.isTTY === true && environment.TERM !== 'dumb';
  }

  /** Shows the rule that runs now. */
  started(id: string): void {
    const failures = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    this.#show(`${this.#done} of ${this.#total}${failures}: ${id}`);
  }

  /** Counts a result, and names a failure in a line that stays. */
  ended(report: RuleReport): void {
    this.#done += 1;
    if (!isFailure(report)) return;
    this.#failed += 1;
    if (this.#live) this.#output.write(`${ERASE}failed: ${report.id}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#live) this.#output.write(ERASE);
  }

  #show(text: string): void {
    if (this.#live) this.#output.write(ERASE + text.slice(0, (this.#output.columns || 80) - 1));
  }
}
