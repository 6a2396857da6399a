import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets the signals that end a process run its `exit` listeners first. The exit code is a shell's: 128 and the
 * signal's number, so 130 for SIGINT and 143 for SIGTERM.
 *
 * @returns undoes it
 */
export function exitOnSignals(): () => void {
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => process.exit(128 + constants.signals[signal]);
    process.once(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const undo of listeners) undo();
  };
}
