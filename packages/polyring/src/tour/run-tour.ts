import type { Driver } from '@polyring/core';
import { Stall } from '../stall.js';
import { reportError, type StepReport } from './report.js';
import type { StepContext, StepResult, TourStep } from './step.js';

/** What a tour goes through. */
export interface Tour {
  readonly driver: Driver;
  readonly steps: readonly TourStep[];
  /** An existing folder for the steps' files. */
  readonly folder: string;
  /** Bytes of the file that is copied. */
  readonly copySize: number;
  /** Milliseconds that a step may take from one sign of progress to the next: a lost wake would otherwise never end it. */
  readonly stallLimit: number;
  /** Is told how far a step is. */
  progress(what: string, fraction: number): void;
}

/**
 * Runs the steps one after the other, to the end or to the first that fails. It yields what became of each.
 *
 * A step that failed may have left work in flight: end the process then.
 */
export async function* runTour(tour: Tour): AsyncGenerator<StepReport, void, undefined> {
  for (const step of tour.steps) {
    const report = await runStep(step, tour);
    yield report;
    if (!report.ok) return;
  }
}

async function runStep(step: TourStep, tour: Tour): Promise<StepReport> {
  const { id, title } = step;
  const started = performance.now();
  const stall = new Stall(tour.stallLimit, 'There was no progress');
  const context: StepContext = {
    driver: tour.driver,
    folder: tour.folder,
    copySize: tour.copySize,
    progress(what, fraction) {
      stall.postpone();
      tour.progress(`${title}: ${what}`, fraction);
    },
  };
  const seconds = (): number => (performance.now() - started) / 1e3;
  try {
    const result: StepResult = await Promise.race([step.run(context), stall.reached]);
    return { id, title, seconds: seconds(), ok: true, ...result };
  } catch (error) {
    return { id, title, seconds: seconds(), ok: false, error: reportError(error) };
  } finally {
    stall.end();
  }
}
