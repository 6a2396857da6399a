import { Command } from 'commander';

/** `polyring doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say which backends can run here, what would be chosen, and why')
    .option('--json', 'print the report as JSON');
}
