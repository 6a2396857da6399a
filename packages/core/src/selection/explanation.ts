import { inspect } from 'node:util';

/** An error as data. */
export interface ExplainedError {
  /** The error's code, such as `ENOSPC`, if it has one. */
  readonly code?: string;
  readonly message: string;
}

/** A backend that was taken. */
export interface TakenCandidate {
  readonly name: string;
  readonly priority: number;
  readonly outcome: 'taken';
}

/** A backend that was tried and could not be used. */
export interface PassedOverCandidate {
  readonly name: string;
  readonly priority: number;
  readonly outcome: 'passed-over';
  /** The reason's code, such as `uring-denied-by-seccomp`. */
  readonly code: string;
  /** One sentence: what stands in the way. */
  readonly reason: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  /** True where something ran out (ENOMEM, EMFILE, ENFILE), so that no other backend was tried. */
  readonly exhausted: boolean;
  /** The error that told. */
  readonly error?: ExplainedError;
}

/** A backend whose turn did not come. */
export interface UntriedCandidate {
  readonly name: string;
  readonly priority: number;
  readonly outcome: 'not-tried';
}

/** What became of one backend in a selection. */
export type CandidateExplanation = TakenCandidate | PassedOverCandidate | UntriedCandidate;

/** How a driver was selected. Plain data: it survives `JSON.stringify`. */
export interface Explanation {
  /** What was asked for: `auto`, or a backend's name. */
  readonly requested: string;
  /** Whether falling back was forbidden. */
  readonly strict: boolean;
  /** The opcodes that the caller required. */
  readonly requiredOpcodes: readonly number[];
  /** The name of the backend that was taken. */
  readonly taken?: string;
  /** Every candidate, in the order of their turns. */
  readonly candidates: readonly CandidateExplanation[];
}

/** An error, or whatever was thrown, as data. */
export function explainError(error: unknown): ExplainedError {
  const message = error instanceof Error ? error.message : typeof error === 'string' ? error : inspect(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code !== '' ? { code, message } : { message };
}

/** An explanation as lines of text for people: what was taken, then each candidate with its reason and remedy. */
export function formatExplanation(explanation: Explanation): string {
  return [
    formatHeadline(explanation),
    ...explanation.candidates.map((candidate) => `  ${formatCandidate(candidate)}`),
  ].join('\n');
}

/** One candidate as a line of text. */
export function formatCandidate(candidate: CandidateExplanation): string {
  switch (candidate.outcome) {
    case 'taken':
      return `${candidate.name}: taken.`;
    case 'not-tried':
      return `${candidate.name}: not tried.`;
    case 'passed-over':
      return `${candidate.name}: passed over (${candidate.code}). ${candidate.reason} ${candidate.remedy}`;
  }
}

/** What was taken and what had been asked for, as a sentence. */
export function formatHeadline({ requested, strict, taken }: Explanation): string {
  const asked = `"${requested}" was asked for${strict ? ', strictly' : ''}`;
  if (taken === undefined) return `No backend could be used: ${asked}.`;
  return taken === requested
    ? `The backend "${taken}" was taken as asked for.`
    : `The backend "${taken}" was taken: ${asked}.`;
}
