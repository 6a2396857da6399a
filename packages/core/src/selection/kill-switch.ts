import type { Unavailable } from './factory.js';

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable that forbids io_uring. It wins over every other configuration. */
export const KILL_SWITCH = 'POLYRING_DISABLE_URING';

const OFF = new Set(['', '0', 'false', 'no', 'off']);

/** Whether the kill switch forbids io_uring. Any value does but an empty one, `0`, `false`, `no` and `off`. */
export function isUringDisabled(environment: Environment): boolean {
  return !OFF.has(environment[KILL_SWITCH]?.trim().toLowerCase() ?? '');
}

/** Why a backend on io_uring is passed over while the kill switch is on. */
export const KILLED: Unavailable = {
  available: false,
  exhausted: false,
  code: 'uring-kill-switch',
  reason: `The kill switch is on: the environment variable ${KILL_SWITCH} forbids io_uring.`,
  remedy: `Unset ${KILL_SWITCH} to allow io_uring again.`,
};
