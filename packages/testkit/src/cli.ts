import { CommanderError } from 'commander';
import { CommandError } from './command/command-error.js';
import { kitCommand } from './command/options.js';

const PREFIX = 'polyring-testkit:';

const command = kitCommand(async (options) => {
  // Nobody reads any more, as behind `| head`. Unheard, the error would print a stack.
  process.stdout.once('error', () => process.exit(1));
  const { runSession } = await import('./command/session.js');
  const code = await runSession(options);
  // A driver that was judged in this process may have left what would keep it.
  process.exit(code);
});

command
  .exitOverride()
  .showSuggestionAfterError(false)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, PREFIX)) });

try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof CommandError) {
    process.stderr.write(`${PREFIX} ${error.message}\n`);
    // A backend that was imported into this process may hold it.
    process.exit(error.exitCode);
  } else {
    throw error;
  }
}
