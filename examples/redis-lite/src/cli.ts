#!/usr/bin/env node
import { rmSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createDriver } from 'polyring';
import { type Endpoint, RedisLite } from './server.js';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly unix?: string;
  readonly backend?: string;
}

const program = new Command('redis-lite')
  .description('A small in-memory server for the Redis protocol, on io_uring or epoll')
  .option('--port <number>', 'port to listen on; 0 for any', port, 6379)
  .option('--host <address>', 'address to listen on, a literal', '127.0.0.1')
  .option('--unix <path>', 'listen on a unix socket instead')
  .option('--backend <name>', 'auto, uring, epoll or the package of another (default: as configured)')
  .addHelpText('after', '\nExit codes: 0 ended by a signal, 1 it could not be done, 2 wrong usage.')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'redis-lite:')) });

try {
  program.parse();
  await run(program.opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`redis-lite: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function run({ port, host, unix, backend }: Options): Promise<void> {
  const endpoint: Endpoint = unix === undefined ? { address: host, port } : { path: unix };
  const { driver } = await createDriver({ backend });
  try {
    const server = new RedisLite(driver, endpoint);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server[Symbol.dispose]());
    console.log(`redis-lite listens on ${unix ?? `${host}:${server.port}`} by ${driver.name}`);
    await server.run();
    if (unix !== undefined) rmSync(unix, { force: true });
  } finally {
    await driver.close();
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('It must be from 0 to 65535.');
  return value;
}
