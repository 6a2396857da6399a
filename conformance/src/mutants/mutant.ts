import type { BackendFactory } from '@polyring/core';

/** Puts a fault into a backend and returns what is left of it. Called once in a process or a thread. */
export type Fault = (base: BackendFactory) => BackendFactory;

/** The backends that faults are put into; `stormy` is `uring` in bad weather. */
export type BaseName = 'epoll' | 'uring' | 'stormy';

/** A driver that is broken in one plausible way. What it does wrong happens by rule or by counter, never by chance. */
export interface Mutant {
  /** The name in lists and in the URL of the subject. */
  readonly name: string;
  /** What it does wrong, in one sentence. */
  readonly fault: string;
  readonly base: BaseName;
  /** The rules that must convict it: each of them has to fail on it, and to pass on its base. */
  readonly convictedBy: readonly [string, ...string[]];
  readonly break: Fault;
}
