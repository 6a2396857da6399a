import fc from 'fast-check';
import type { RuleContext } from '../running/context.js';
import { ProgramError, runProgram } from './program-run.js';
import { programs } from './programs.js';
import { type ModelSettings, modelSettings, REPLAY_VARIABLE } from './settings.js';
import type { Step } from './step.js';

/** Milliseconds that shrinking may take, before scaling. */
const SHRINKING = 10_000;

/**
 * Runs random programs against the driver and the model of the contract, until they disagree.
 *
 * @throws an error whose message holds the shortest program found that makes them disagree, and how to run it again
 */
export async function judgePrograms(
  context: RuleContext,
  settings: ModelSettings = modelSettings(process.env),
): Promise<void> {
  const { runs, replay } = settings;
  let shrinkUntil = Number.POSITIVE_INFINITY;
  let latest: ProgramError | undefined;
  let programsLeft = replay === undefined ? Number.POSITIVE_INFINITY : 1;
  const property = fc.asyncProperty(programs, async (program: Step[]) => {
    if (programsLeft === 0 || performance.now() > shrinkUntil || context.signal.aborted) return;
    programsLeft -= 1;
    try {
      await runProgram(program, context);
    } catch (error) {
      if (latest === undefined) shrinkUntil = performance.now() + SHRINKING * context.scale;
      if (error instanceof ProgramError) latest = error;
      throw error;
    }
  });
  const seed = context.random.next() | 0;
  const details = await fc.check(property, {
    numRuns: runs,
    seed,
    ...(replay === undefined ? {} : { ...replay, endOnFailure: true }),
  });
  if (!details.failed) return;
  if (latest === undefined) throw details.errorInstance;
  const { counterexamplePath, numRuns, numShrinks } = details;
  throw new Error(
    [
      `the driver and the model of the contract disagree: ${latest.message}`,
      `Program ${numRuns}, shortened ${numShrinks} times:`,
      ...latest.trace,
      `To run it again: ${REPLAY_VARIABLE}=${details.seed}:${counterexamplePath}`,
    ].join('\n'),
    { cause: latest.cause },
  );
}
