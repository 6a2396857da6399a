/** Something measured beside others in the same rounds: operations a second. */
export interface Rival {
  readonly name: string;
  measure(): Promise<number>;
}

/** What the rounds gave for one rival. */
export interface Outcome {
  readonly name: string;
  /** The median of the operations a second. */
  readonly median: number;
  /** The median of the ratios first rival / this one, round by round. */
  readonly ratio: number;
}

/**
 * Measures all rivals in turn, round after round, so that a machine that gets slower does so for all of them.
 * The ratio is taken within each round: it is what may be quoted.
 */
export async function measureInRounds(rivals: readonly Rival[], rounds: number): Promise<readonly Outcome[]> {
  const speeds = rivals.map(() => [] as number[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, rival] of rivals.entries()) (speeds[index] as number[]).push(await rival.measure());
  }
  const first = speeds[0] as number[];
  return rivals.map(({ name }, index) => {
    const own = speeds[index] as number[];
    return { name, median: median(own), ratio: median(own.map((speed, round) => (first[round] as number) / speed)) };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
