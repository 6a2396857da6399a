import { constants } from 'node:os';

/**
 * Has the signals that end a run, and a reader of its output that has gone, end this process as an exit, so that whoever
 * listens to it ends the processes.
 */
export function endWhenUnwanted(): void {
  process.stdout.once('error', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
