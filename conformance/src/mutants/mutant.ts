import type { BaseName } from '../bases.js';
import type { Change } from '../seams/change.js';

/** A driver that is broken in one plausible way. What it does wrong happens by rule or by counter, never by chance. */
export interface Mutant {
  /** The name in lists and in the URL of the subject. */
  readonly name: string;
  /** What it does wrong, in one sentence. */
  readonly fault: string;
  readonly base: BaseName;
  /** The rules that must convict it: each of them has to fail on it, and to pass on its base. */
  readonly convictedBy: readonly [string, ...string[]];
  readonly break: Change;
}

/** The rules of both parts with one name. */
export function bothParts(name: string): [string, string] {
  return [`readiness.${name}`, `socket.${name}`];
}
