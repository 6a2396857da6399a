import { CommandError } from '../resp/command-error.js';
import { type Command, type Context, keyOf } from './command.js';
import { CONNECTION_COMMANDS } from './connection.js';
import { KEY_COMMANDS } from './keys.js';
import { LIST_COMMANDS } from './lists.js';
import { STRING_COMMANDS } from './strings.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...CONNECTION_COMMANDS, ...KEY_COMMANDS, ...STRING_COMMANDS, ...LIST_COMMANDS }),
);

/** Does what a request says, and replies with the result or the error. */
export function execute(request: readonly Buffer[], context: Omit<Context, 'args'>): void {
  const [name, ...args] = request;
  try {
    find(name, args).run({ ...context, args });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.reply.error(error.message);
  }
}

function find(word: Buffer | undefined, args: readonly Buffer[]): Command {
  const name = keyOf(word);
  const command = COMMANDS.get(name.toLowerCase());
  if (command === undefined) {
    const shown = args.slice(0, 20).map((each) => `'${keyOf(each).slice(0, 128)}' `);
    throw new CommandError(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown.join('')}`);
  }
  const words = args.length + 1;
  if (command.arity >= 0 ? words !== command.arity : words < -command.arity) {
    throw new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  }
  return command;
}
