import { constants } from 'node:os';

/** Has the signals that end a run end this process as an exit, so that whoever listens to it ends the processes. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
