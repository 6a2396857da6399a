/** Resolves when the event loop went round once: in the check phase, which comes after the phase of I/O. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
