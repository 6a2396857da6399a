import { Command } from 'commander';

/** `polyring doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('say which backends can run here, which one is taken, and why')
    .description(
      'Say which backends can run here, which one is taken and why, where each configuration value came from, ' +
        'and which operations of io_uring are supported.',
    )
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExit codes: 0 a driver can be had as configured, 1 none can, 2 wrong usage.')
    .action(async ({ json = false }: { json?: boolean }) => {
      const [{ examine }, { renderReport }] = await Promise.all([import('./examine.js'), import('./render.js')]);
      const report = await examine();
      const { stdout } = process;
      const presentation = { colour: stdout.hasColors?.() ?? false, columns: stdout.columns ?? 120 };
      const text = json ? JSON.stringify(report, undefined, 2) : renderReport(report, presentation);
      stdout.write(`${text}\n`, (error) => {
        // What never settled may keep the process. An output that cannot be written is told of before it ends.
        if (!report.ok && !error) process.exit(1);
      });
    });
}
