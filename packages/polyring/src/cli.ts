#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { doctorCommand } from './doctor/doctor-command.js';
import { tourCommand } from './tour/tour-command.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('polyring')
  .description('Polled I/O for Node.js on Linux, on io_uring or epoll')
  .version(version)
  .addCommand(doctorCommand())
  .addCommand(tourCommand());

for (const command of [program, ...program.commands]) {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'polyring:')) });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
