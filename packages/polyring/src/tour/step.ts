import type { Driver } from '@polyring/core';
import type { Measures } from './measures.js';

/** What a step works with. */
export interface StepContext {
  /** The driver under show. The step leaves it open. */
  readonly driver: Driver;
  /** A folder for the step's files, removed after the tour. */
  readonly folder: string;
  /** Bytes of the file that is copied. */
  readonly copySize: number;
  /**
   * Says how far the step is.
   *
   * @param what what it does now
   * @param fraction from 0 to 1
   */
  progress(what: string, fraction: number): void;
}

/** One of the two ways to do a step's work. */
export interface Side {
  /** What did it, such as `uring` or `fs/promises`. */
  readonly by: string;
  readonly measures: Measures;
}

/** What a step did. It was verified, or the step had failed. */
export interface StepResult {
  /** One sentence: what was checked. */
  readonly verified: string;
  /** What the measure `operations` counts, such as `messages`. */
  readonly unit: string;
  /** The driver's side first, then plain Node's. */
  readonly sides: readonly [Side, Side];
  /** Sentences on how to read the measures. */
  readonly notes?: readonly string[];
}

/** One kind of I/O, shown through the driver and beside it through plain Node. */
export interface TourStep {
  /** Its name for programs, such as `file-copy`. */
  readonly id: string;
  /** Its name for people. */
  readonly title: string;
  /**
   * Does the work on both sides and verifies it.
   *
   * @throws (rejects) VerificationError if a side did not do what it should; any error of the work itself
   */
  run(context: StepContext): Promise<StepResult>;
}

/** What a side did was wrong. */
export class VerificationError extends Error {
  override get name(): string {
    return 'VerificationError';
  }
}

/**
 * Throws unless what a side did is right.
 *
 * @throws VerificationError
 */
export function verify(right: boolean, message: string): asserts right {
  if (!right) throw new VerificationError(message);
}
