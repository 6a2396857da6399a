/** How many random programs are run, and which. */
export interface ModelSettings {
  /** Programs of a run. */
  readonly runs: number;
  /** The one program to run, instead of random ones. */
  readonly replay?: { readonly seed: number; readonly path: string };
}

/** The variable of the environment that says how many programs are run. */
const RUNS_VARIABLE = 'POLYRING_MODEL_RUNS';
/** The variable of the environment that names a program to run again: its seed and its path. */
export const REPLAY_VARIABLE = 'POLYRING_MODEL_REPLAY';

const DEFAULT_RUNS = 100;
/** Milliseconds: what shrinking a failure may take, and what a program takes on a busy machine. */
const SHRINKING = 25_000;
const PER_PROGRAM = 50;

/** Milliseconds, before scaling, that the run may take which the environment asks for. */
export function modelTimeLimit(environment: NodeJS.ProcessEnv): number {
  const runs = Number(environment[RUNS_VARIABLE] ?? '');
  return SHRINKING + PER_PROGRAM * (runs >= 1 ? runs : DEFAULT_RUNS);
}

/**
 * Reads the settings.
 *
 * @throws TypeError for a value that cannot be read
 */
export function modelSettings(environment: NodeJS.ProcessEnv): ModelSettings {
  const runs = environment[RUNS_VARIABLE] ?? '';
  const replay = environment[REPLAY_VARIABLE] ?? '';
  if (runs !== '' && !/^[1-9]\d*$/.test(runs)) {
    throw new TypeError(`${RUNS_VARIABLE} must be a number of programs, at least 1, and is "${runs}"`);
  }
  const settings = { runs: runs === '' ? DEFAULT_RUNS : Number(runs) };
  if (replay === '') return settings;
  const [, seed, path] = /^(-?\d+):(\d+(?::\d+)*)$/.exec(replay) ?? [];
  if (seed === undefined || path === undefined) {
    throw new TypeError(`${REPLAY_VARIABLE} must be "seed:path" as a failure printed it, and is "${replay}"`);
  }
  return { ...settings, replay: { seed: Number(seed), path } };
}
