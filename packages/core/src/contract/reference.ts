/**
 * Whether pending work keeps the process alive, as `ref()` and `unref()` of Node's own
 * handles. Only work in flight counts: an idle object never keeps the process alive.
 */
export interface Referenced {
  /** Let pending work keep the process alive. This is how every object starts. */
  ref(): this;
  /** Let the process end although work is pending. */
  unref(): this;
  /** Whether pending work keeps the process alive. */
  hasRef(): boolean;
}
