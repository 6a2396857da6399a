import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { kitVersion } from '../report/circumstances.js';
import type { ReporterName } from '../reporters/index.js';

/** What the command line asks for. */
export interface KitOptions {
  /** The module or package of the backend. */
  readonly subject: string | undefined;
  readonly rules: readonly string[];
  readonly seed: number;
  readonly repeat: number;
  readonly timeScale: number;
  /** How many rules run at the same time, unless they run in this process. */
  readonly concurrency: number;
  readonly inProcess: boolean;
  readonly reporter: ReporterName;
  readonly out: string | undefined;
  readonly list: boolean;
  readonly explain: string | undefined;
}

const REPORTERS: readonly ReporterName[] = ['spec', 'tap', 'junit', 'json', 'markdown'];

const SEEDS = 2 ** 32;

/** Rules that run at the same time if nothing is said. A process of Node has its price in memory as well. */
const MOST_AT_A_TIME = 8;

/** Beyond it the time limit of a rule would be more than a timer of Node can be set to. */
const MOST_TIME_SCALE = 10_000;

/** `polyring-testkit`, which hands its options to an action. */
export function kitCommand(action: (options: KitOptions) => Promise<void>): Command {
  return new Command('polyring-testkit')
    .description('Judge a backend of Polyring by the rules of the driver contract.')
    .version(kitVersion())
    .addArgument(new Argument('[module]', 'a file or package that exports a BackendFactory as default or as backend'))
    .addOption(
      new Option('--rules <glob>', 'only the rules whose ids match; !glob leaves out; may be repeated')
        .default([], 'all')
        .argParser((glob, earlier: readonly string[]) => [...earlier, glob]),
    )
    .addOption(new Option('--seed <n>', 'seed of what the rules choose by chance (default: random)').argParser(toSeed))
    .addOption(new Option('--repeat <n>', 'number of rounds, each with the next seed').default(1).argParser(toCount))
    .addOption(new Option('--time-scale <x>', 'factor of every time limit').default(1).argParser(toFactor))
    .addOption(
      new Option(
        '--concurrency <n>',
        'rules that run at the same time, each in its process; those that measure run alone',
      )
        .default(Math.min(availableParallelism(), MOST_AT_A_TIME), 'one a processor')
        .argParser(toCount),
    )
    .option('--in-process', 'run all rules in this process: fast, but ended by a rule that hangs or dies', false)
    .addOption(new Option('--reporter <name>', 'form of the report').choices(REPORTERS).default('spec'))
    .option('--out <file>', 'write the report to a file, and only the totals to the standard output')
    .option('--list', 'list the rules and end', false)
    .option('--explain <rule>', 'tell all about one rule and end')
    .addHelpText(
      'after',
      '\nExit codes: 0 every required rule held, 1 one did not or the backend cannot be judged here, 2 wrong usage.',
    )
    .action((subject: string | undefined, given: Omit<KitOptions, 'subject'>) =>
      action({ ...given, subject, seed: given.seed ?? randomInt(SEEDS) }),
    );
}

function toSeed(text: string): number {
  const seed = toInteger(text);
  if (seed === undefined || seed >= SEEDS) throw new InvalidArgumentError(`Give an integer from 0 to ${SEEDS - 1}.`);
  return seed;
}

function toCount(text: string): number {
  const count = toInteger(text);
  if (count === undefined || count < 1) throw new InvalidArgumentError('Give an integer of 1 or more.');
  return count;
}

function toFactor(text: string): number {
  const factor = text.trim() === '' ? Number.NaN : Number(text);
  if (!(factor > 0 && factor <= MOST_TIME_SCALE)) {
    throw new InvalidArgumentError(`Give a number above 0, of ${MOST_TIME_SCALE} at the most.`);
  }
  return factor;
}

function toInteger(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
