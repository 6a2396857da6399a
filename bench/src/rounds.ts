import type { Case } from './case.js';
import { type Contestant, MissingRival, type Rival } from './rivals/rival.js';
import { faultOf, type Sample } from './sample.js';
import type { Workshop } from './workshop.js';

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
 * Measures all rivals of a case in turn, round after round, so that a machine that gets slower does so for all of
 * them. Every second round goes backwards. One round before the first warms everybody up and does not count.
 */
export async function runCase(
  { rivals, beforeRound }: Case,
  workshop: Workshop,
  rounds: number,
  progress: Progress,
): Promise<readonly Outcome[]> {
  const entrants: Entrant[] = [];
  try {
    for (const rival of rivals) {
      progress(0, rival.name);
      entrants.push(await Entrant.enter(rival, workshop));
    }
    for (let round = 0; round <= rounds; round += 1) {
      await beforeRound?.(workshop);
      for (const entrant of round % 2 === 0 ? entrants : [...entrants].reverse()) {
        progress(round, entrant.rival.name);
        await entrant.measure(round > 0);
      }
    }
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.close()));
  }
  return entrants.map((entrant) => entrant.outcome());
}

/** A rival in the rounds of one case. */
class Entrant {
  readonly rival: Rival;
  readonly #contestant: Contestant | undefined;
  readonly #samples: Sample[] = [];
  readonly #missing: string | undefined;
  #fault: string | undefined;

  static async enter(rival: Rival, workshop: Workshop): Promise<Entrant> {
    try {
      return new Entrant(rival, await rival.start(workshop));
    } catch (error) {
      if (error instanceof MissingRival) return new Entrant(rival, undefined, error.message);
      return new Entrant(rival, undefined, undefined, (error as Error).message);
    }
  }

  private constructor(rival: Rival, contestant?: Contestant, missing?: string, fault?: string) {
    this.rival = rival;
    this.#contestant = contestant;
    this.#missing = missing;
    this.#fault = fault;
  }

  async measure(counts: boolean): Promise<void> {
    if (this.#contestant === undefined || this.#fault !== undefined) return;
    try {
      const sample = await this.#contestant.measure();
      this.#fault = faultOf(sample);
      if (counts) this.#samples.push(sample);
    } catch (error) {
      this.#fault = (error as Error).message;
    }
  }

  async close(): Promise<void> {
    await this.#contestant?.close();
  }

  outcome(): Outcome {
    const rival = this.rival.name;
    if (this.#missing !== undefined) return { rival, samples: [], missing: this.#missing };
    if (this.#fault !== undefined) return { rival, samples: [], fault: this.#fault };
    return { rival, samples: this.#samples };
  }
}
