import { Command, InvalidArgumentError } from 'commander';

/** A command of the benchmark. Wrong usage ends it with 2, as a result that is wrong ends it with 1. */
export function benchCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** Reads an option's value that is a whole number. */
export function atLeast(minimum: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < minimum) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`);
    }
    return number;
  };
}
