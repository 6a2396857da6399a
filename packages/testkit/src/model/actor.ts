import type { Trace } from './trace.js';
import type { Waiter } from './waiter.js';
import type { WakeGuard } from './wake-guard.js';

/** What every object of a program shares. */
export interface Stage {
  readonly trace: Trace;
  readonly guard: WakeGuard;
}

/** An object of the driver in a program, held to the model at each call. */
export interface Actor {
  /** Who may be pending on it. */
  readonly waiters: readonly Waiter[];
  /** Throws if one who can go on was not woken. Everything that was raised has been delivered. */
  checkSilent(): void;
  /** Polls for every waiter that was woken, as it polled before. */
  pollWoken(): void;
  dispose(): void;
}
