declare const instant: unique symbol;

/**
 * A point in time: milliseconds, with a fraction, on the clock of `process.hrtime()`
 * (CLOCK_MONOTONIC). It is the same clock in every worker of the machine.
 * Durations are plain numbers of milliseconds.
 */
export type Instant = number & { readonly [instant]: 'Instant' };

/** A time as the kernel's `struct __kernel_timespec` holds it. */
export interface Timespec {
  /** Whole seconds. */
  readonly seconds: number;
  /** Nanoseconds below a second. */
  readonly nanoseconds: number;
}

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** The current time. */
export function now(): Instant {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1e3 + nanoseconds / NANOSECONDS_PER_MILLISECOND) as Instant;
}

/** The instant `milliseconds` from now. */
export function after(milliseconds: number): Instant {
  return (now() + milliseconds) as Instant;
}

/**
 * The kernel's form of a time or a duration in milliseconds, rounded up. A time in the
 * past of the clock's origin becomes 0; one beyond what a timespec holds safely becomes the largest.
 */
export function toTimespec(milliseconds: number): Timespec {
  if (!(milliseconds > 0)) return { seconds: 0, nanoseconds: 0 };
  const clamped = Math.min(milliseconds, 9e15);
  let seconds = Math.floor(clamped / 1e3);
  let nanoseconds = Math.ceil((clamped - seconds * 1e3) * NANOSECONDS_PER_MILLISECOND);
  if (nanoseconds >= 1e9) {
    seconds += 1;
    nanoseconds = 0;
  }
  return { seconds, nanoseconds };
}
