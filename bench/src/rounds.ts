import type { Case } from './case.js';
import { MissingRival } from './missing-rival.js';
import type { Rival, StartedRival } from './rivals/rival.js';
import { didNothing, faultOf, type Sample } from './sample.js';
import type { Effort, Workshop } from './workshop.js';

/** What the rounds of a case gave for one rival. */
export interface Outcome {
  readonly rival: string;
  /** One for each round; none of a rival that is missing or at fault. */
  readonly samples: readonly Sample[];
  /** Why it was not measured on this machine. */
  readonly missing?: string;
  /** Why its results must not be shown. */
  readonly fault?: string;
}

/** Tells how far a case is. */
export type Progress = (round: number, rival: string) => void;

/**
 * Rounds that a rival's process serves. One process may be several percent faster than the next one of the same code, by
 * what its compiler has made of it, for as long as it lives: no result is to hang on a single one.
 */
export const ROUNDS_A_PROCESS = 3;

/**
 * Measures all rivals of a case in turn, round after round, so that a machine that gets slower does so for all of
 * them. Every second round goes backwards. After a few rounds all are started anew, and warmed up.
 */
export async function runCase(
  { rivals, lacks, beforeRound }: Case,
  workshop: Workshop,
  { rounds, warming }: Pick<Effort, 'rounds' | 'warming'>,
  progress: Progress,
): Promise<readonly Outcome[]> {
  const missing = lacks?.(workshop);
  if (missing !== undefined) return rivals.map(({ name }) => ({ rival: name, samples: [], missing }));
  const entrants = rivals.map((rival) => new Entrant(rival, workshop));
  try {
    for (let round = 0; round < rounds; round += 1) {
      await beforeRound?.(workshop);
      if (round % ROUNDS_A_PROCESS === 0) {
        for (const entrant of entrants) {
          progress(0, entrant.rival.name);
          await entrant.startAnew(warming);
        }
        await beforeRound?.(workshop);
      }
      for (const entrant of round % 2 === 0 ? entrants : [...entrants].reverse()) {
        progress(round + 1, entrant.rival.name);
        await entrant.measure();
      }
    }
  } catch (error) {
    // What all of them need could not be prepared; the other cases go on.
    for (const entrant of entrants) entrant.fail(error as Error);
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.close()));
  }
  return entrants.map((entrant) => entrant.outcome());
}

/** A rival in the rounds of one case. */
class Entrant {
  readonly rival: Rival;
  readonly #workshop: Workshop;
  readonly #samples: Sample[] = [];
  #started: StartedRival | undefined;
  #missing: string | undefined;
  #fault: string | undefined;

  constructor(rival: Rival, workshop: Workshop) {
    this.rival = rival;
    this.#workshop = workshop;
  }

  /**
   * Starts it in place of the one before, and warms it up; not one that is missing or at fault.
   *
   * @param warming milliseconds of measurements that do not count, of whoever has his code compiled as it runs
   */
  async startAnew(warming: number): Promise<void> {
    await this.close();
    if (this.#missing !== undefined || this.#fault !== undefined) return;
    try {
      this.#started = await this.rival.start(this.#workshop);
      const until = this.rival.warmsUp === true ? performance.now() + warming : 0;
      do this.#fault = faultOf(await sampleOf(this.#started));
      while (this.#fault === undefined && performance.now() < until);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  async measure(): Promise<void> {
    if (this.#started === undefined || this.#missing !== undefined || this.#fault !== undefined) return;
    try {
      const sample = await sampleOf(this.#started);
      this.#fault = faultOf(sample);
      this.#samples.push(sample);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** Takes it out of the case. */
  fail(error: Error): void {
    if (error instanceof MissingRival) this.#missing = error.message;
    else this.#fault ??= error.message;
  }

  async close(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    await started?.close();
  }

  outcome(): Outcome {
    const rival = this.rival.name;
    if (this.#missing !== undefined) return { rival, samples: [], missing: this.#missing };
    if (this.#fault !== undefined) return { rival, samples: [], fault: this.#fault };
    return { rival, samples: this.#samples };
  }
}

/** One measurement. Where nothing was done in it there is a second: others may have had the processor all the time. */
async function sampleOf(started: StartedRival): Promise<Sample> {
  const sample = await started.measure();
  return didNothing(sample) ? started.measure() : sample;
}
