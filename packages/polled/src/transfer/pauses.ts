/** Milliseconds between two looks for what no descriptor tells of. They double. */
export const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 32;

/** The pause after one of so many milliseconds. */
export function longerPause(pause: number): number {
  return Math.min(2 * pause, LONGEST_PAUSE);
}
