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

/** The instant of a count of nanoseconds, as `process.hrtime.bigint()` gives it. */
export function instantFromNanoseconds(nanoseconds: bigint): Instant {
  const milliseconds = nanoseconds / 1_000_000n;
  return (Number(milliseconds) +
    Number(nanoseconds - milliseconds * 1_000_000n) / NANOSECONDS_PER_MILLISECOND) as Instant;
}

/** The nanoseconds of an instant, rounded up, so that a kernel timer set to them is never early. */
export function instantToNanoseconds(at: Instant): bigint {
  const milliseconds = Math.floor(at);
  return BigInt(milliseconds) * 1_000_000n + BigInt(Math.ceil((at - milliseconds) * NANOSECONDS_PER_MILLISECOND));
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
