import { Argument, Command, InvalidArgumentError } from 'commander';
import { mutants } from '../mutants/index.js';
import type { Mutant } from '../mutants/mutant.js';

/** What the commands that run broken drivers have in common. */
export interface MutationOptions {
  /** How many run at the same time. */
  readonly concurrency: number;
  /** The factor of every time limit. */
  readonly timeScale: number;
}

/** A command that takes the names of broken drivers, and all of them without any. Wrong usage ends it with 2. */
export function mutationCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addArgument(new Argument('[mutants...]', 'the broken drivers to run').default(mutants, 'all').argParser(addMutant))
    .option('--concurrency <n>', 'drivers at the same time', toCount, 2)
    .option('--time-scale <x>', 'the factor of every time limit, for machines that are slow or busy', toFactor, 1)
    .showSuggestionAfterError(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

function addMutant(name: string, earlier: readonly Mutant[]): readonly Mutant[] {
  const mutant = mutants.find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new InvalidArgumentError('See npm run test:mutants -- --list.');
  return earlier === mutants ? [mutant] : [...earlier, mutant];
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Give an integer of 1 or more.');
  return count;
}

function toFactor(text: string): number {
  const factor = Number(text);
  if (!(factor > 0 && Number.isFinite(factor))) throw new InvalidArgumentError('Give a number above 0.');
  return factor;
}
