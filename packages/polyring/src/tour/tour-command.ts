import { Command } from 'commander';

/** `polyring tour`. */
export function tourCommand(): Command {
  return new Command('tour')
    .description('show each kind of polled I/O at work, beside plain Node.js')
    .option('--backend <name>', 'auto, uring, epoll, or the name of a package', 'auto')
    .option('--json', 'print the results as JSON');
}
