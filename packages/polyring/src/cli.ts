import { isPolyringError } from '@polyring/core';
import { Command, CommanderError } from 'commander';
import { doctorCommand } from './doctor/doctor-command.js';
import { oneLine } from './one-line.js';
import { ownVersion } from './own-version.js';
import { tourCommand } from './tour/tour-command.js';

const program = new Command('polyring')
  .description('Polled I/O for Node.js on Linux, on io_uring or epoll')
  .version(ownVersion())
  .addHelpText('after', '\nExit codes: 0 done, 1 it could not be done, 2 wrong usage.')
  .addCommand(doctorCommand())
  .addCommand(tourCommand());

for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'polyring:')) });
}

// An exit removes the files of the tour; an unheard error would print a stack too. EPIPE is that nobody reads any more,
// as behind `| head`, which is no trouble to tell of.
process.stdout.once('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') process.stderr.write(`polyring: the output cannot be written: ${message}\n`);
  process.exit(1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (isPolyringError(error)) {
    process.stderr.write(`polyring: ${oneLine(error)}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
