import { type Explanation, isPolyringError } from '@polyring/core';
import { oneLine } from '../one-line.js';
import type { StepResult } from './step.js';

/** An error as data. */
export interface ReportedError {
  readonly message: string;
  /** The error's code, such as `ENOSPC`, if it has one. */
  readonly code?: string;
}

/** What became of a step. */
export type StepReport = {
  readonly id: string;
  readonly title: string;
  /** Of the whole step: preparation and verification included. */
  readonly seconds: number;
} & (({ readonly ok: true } & StepResult) | { readonly ok: false; readonly error: ReportedError });

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

/** An error in the form of the report. */
export function reportError(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const message = isPolyringError(error) ? oneLine(error) : error.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? { message, code } : { message };
}
