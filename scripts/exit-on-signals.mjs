import os from 'node:os';

/**
 * Has the signals that end a script, and a reader of its output that has gone, end this process as an exit, so that
 * `exit` listeners remove files and end processes.
 */
export function exitOnSignals() {
  process.stdout.once('error', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
  }
}
