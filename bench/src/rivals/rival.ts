import type { Sample } from '../sample.js';
import type { Workshop } from '../workshop.js';

/** Somebody under measurement, started and ready. It does nothing between its measurements. */
export interface StartedRival {
  measure(): Promise<Sample>;
  close(): Promise<void>;
}

/** Somebody to be measured. */
export interface Rival {
  readonly name: string;
  /** Left out of the short run, which installs nothing. */
  readonly installed?: boolean;
  /** Its code is compiled while it runs, in a process that stays. */
  readonly warmsUp?: boolean;
  /** @throws a `MissingRival` where it cannot be had on this machine */
  start(workshop: Workshop): Promise<StartedRival>;
}
