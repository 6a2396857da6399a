import { Command, InvalidArgumentError, Option } from 'commander';
import { parseSize } from './size.js';

/** `polyring tour`. */
export function tourCommand(): Command {
  return new Command('tour')
    .description(
      'Show each kind of polled I/O at work, verified, beside plain Node.js doing the same.\n' +
        'Takes less than 20 seconds and twice the size of the copied file in TMPDIR; leaves nothing there.',
    )
    .summary('show each kind of polled I/O at work, beside plain Node.js')
    .option('--backend <name>', 'auto, uring, epoll, or the name of a package (default: as configured)')
    .addOption(
      new Option('--size <bytes>', 'size of the copied file, such as 64M')
        .default(256 * 2 ** 20, '256M')
        .argParser(toSize),
    )
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExit codes: 0 every step was verified, 1 one was not or no driver could be had, 2 wrong usage.',
    )
    .action(async ({ backend, size, json = false }: { backend?: string; size: number; json?: boolean }) => {
      const { tourSession } = await import('./tour-session.js');
      const code = await tourSession({ backend, size, json });
      // A step that failed may have left work that would keep the process.
      if (code !== 0) process.exit(code);
    });
}

function toSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Give bytes, with K, M or G for binary multiples.');
  return bytes;
}
