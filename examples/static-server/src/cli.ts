#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createDriver } from 'polyring';
import { StaticServer } from './server.js';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly root: string;
  readonly backend?: string;
  readonly quiet: boolean;
}

const program = new Command('static-server')
  .description('Serves the files of a directory over HTTP/1.0, on io_uring or epoll')
  .option('--port <number>', 'port to listen on; 0 for any', port, 8080)
  .option('--host <address>', 'address to listen on, a literal', '127.0.0.1')
  .option('--root <directory>', 'what is served', '.')
  .option('--backend <name>', 'auto, uring, epoll or the package of another (default: as configured)')
  .option('--quiet', 'do not print a line for each request', false)
  .addHelpText('after', '\nExit codes: 0 ended by a signal, 1 it could not be done, 2 wrong usage.')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'static-server:')) });

try {
  program.parse();
  await run(program.opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`static-server: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function run({ port, host, root, backend, quiet }: Options): Promise<void> {
  const { driver } = await createDriver({ backend });
  try {
    await using server = new StaticServer(driver, {
      port,
      host,
      root,
      onAnswer(request, { status, bytes }) {
        if (!quiet) console.log(`${status} ${request?.method ?? '-'} ${request?.target ?? '-'} ${bytes}`);
      },
    });
    const ended = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    });
    const place = host.includes(':') ? `[${host}]` : host;
    console.log(`static-server serves ${root} at http://${place}:${server.port}/ by ${driver.name}`);
    await Promise.race([server.run(), ended]);
  } finally {
    await driver.close();
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.');
  return value;
}
