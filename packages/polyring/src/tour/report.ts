import { type ExplainedError, type Explanation, explainError, isPolyringError } from '@polyring/core';
import { oneLine } from '../one-line.js';
import type { StepResult } from './step.js';

/** What became of a step. */
export type StepReport = {
  readonly id: string;
  readonly title: string;
  /** Of the whole step: preparation and verification included. */
  readonly seconds: number;
} & (({ readonly ok: true } & StepResult) | { readonly ok: false; readonly error: ExplainedError });

/** What a tour is on. */
export interface TourSubject {
  /** The driver's name. */
  readonly backend: string;
  /** How its backend was selected. */
  readonly explanation: Explanation;
  readonly node: string;
  readonly kernel: string;
}

/** What became of a tour. With `--json` it is the document. */
export interface TourReport extends TourSubject {
  /** Whether every step was done and verified. The tour ends at the first that was not. */
  readonly ok: boolean;
  readonly seconds: number;
  readonly steps: readonly StepReport[];
}

/** An error in the form of the report: one of Polyring's own says in one line what happened and what to do. */
export function reportError(error: unknown): ExplainedError {
  return isPolyringError(error) ? { ...explainError(error), message: oneLine(error) } : explainError(error);
}
