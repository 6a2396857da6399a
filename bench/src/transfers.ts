import { spawn } from 'node:child_process';
import {
  BoxDriver,
  type Driver,
  IORING_OP_ACCEPT,
  IORING_OP_CONNECT,
  IORING_OP_RECV,
  IORING_OP_SEND,
  read,
  readMultishot,
} from '@polyring/core';
import { PolledListener, PolledPipe, PolledSocket } from '@polyring/polled';
import { close, pipe2, SO_LINGER, SOL_SOCKET, tryWrite } from '@polyring/sys';
import { Argument } from 'commander';
import { atLeast, benchCommand } from './command.js';
import { driverFor } from './contestants/shared/driver-for.js';
import { median } from './statistics.js';

/** One way of doing the same, and what it took in each round. */
interface Way {
  readonly name: string;
  /** Does it and tells how many units it did. */
  readonly run: () => Promise<number>;
}

/** A driver with a ring that does not grant some operations, so that polled objects do them by readiness. */
class Without extends BoxDriver {
  readonly #opcodes: ReadonlySet<number>;

  constructor(driver: Driver, ...opcodes: number[]) {
    super(driver);
    this.#opcodes = new Set(opcodes);
  }

  override ioUringProbe(opcode: number): boolean {
    return !this.#opcodes.has(opcode) && super.ioUringProbe(opcode);
  }
}

/** Throws away what one connection sends. */
const SINK = `
  const server = require('node:net').createServer((socket) => {
    server.close();
    socket.on('data', () => {}).on('error', () => {});
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** Sends so many bytes to one connection, in pieces of a size. */
const SOURCE = `
  let [left, size] = process.argv.slice(1).map(Number);
  const piece = Buffer.alloc(size);
  const server = require('node:net').createServer((socket) => {
    server.close();
    const more = () => {
      while (left > 0) {
        left -= size;
        if (!socket.write(piece)) return;
      }
      socket.end();
    };
    socket.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** What goes through a pipe and back. */
const MESSAGE = Buffer.alloc(64, 'x');

/** Answers each byte by so many. */
const ANSWERS = `
  const answer = Buffer.alloc(Number(process.argv[1]));
  const server = require('node:net').createServer({ noDelay: true }, (socket) => {
    server.close();
    socket.on('data', () => socket.write(answer));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const MIB = 1024 * 1024;
const LOOPBACK = { address: '127.0.0.1', port: 0 };

const NAMES = ['send', 'receive', 'answer', 'connect', 'accept', 'pipe'] as const;

const program = benchCommand(
  'node bench/dist/transfers.js',
  'Measures what polled sockets and pipes do by completions, beside the same by readiness, on one ring.',
)
  .addArgument(new Argument('[names...]', 'what to do').choices(NAMES).default(NAMES, 'all'))
  .option('--rounds <n>', 'alternating rounds', atLeast(1), 5)
  .option('--mib <n>', 'MiB of one stream in a round', atLeast(1), 512)
  .option('--times <n>', 'round trips or connections in a round', atLeast(1), 5000)
  .option('--together <n>', 'connections made at the same time', atLeast(1), 1)
  .option('--write <bytes>', 'bytes of one write', atLeast(1), 65_536)
  .option('--read <bytes>', 'bytes of a buffer to read into', atLeast(1), 65_536)
  .parse();

const options = program.opts<{
  rounds: number;
  mib: number;
  times: number;
  together: number;
  write: number;
  read: number;
}>();
const driver = await driverFor('uring');
const plain = new Without(driver, IORING_OP_ACCEPT, IORING_OP_CONNECT, IORING_OP_RECV, IORING_OP_SEND);

const CASES: Readonly<Record<(typeof NAMES)[number], { unit: string; ways: () => Way[] }>> = {
  send: {
    unit: 'MiB',
    ways: () => [
      { name: 'completions', run: () => send(driver) },
      { name: 'readiness', run: () => send(plain) },
    ],
  },
  receive: {
    unit: 'MiB',
    ways: () => [
      { name: 'completions', run: () => receive(driver) },
      { name: 'readiness', run: () => receive(plain) },
    ],
  },
  answer: {
    unit: 'answers',
    ways: () => [
      { name: 'completions', run: () => ask(driver) },
      { name: 'readiness', run: () => ask(plain) },
    ],
  },
  connect: {
    unit: 'connections',
    ways: () => [
      { name: 'completions', run: () => connectAll(driver, plain) },
      { name: 'readiness', run: () => connectAll(plain, plain) },
    ],
  },
  accept: {
    unit: 'connections',
    ways: () => [
      { name: 'completions', run: () => connectAll(plain, driver) },
      { name: 'readiness', run: () => connectAll(plain, plain) },
    ],
  },
  pipe: {
    unit: 'round trips',
    ways: () => [
      { name: 'readiness', run: () => throughPipe(byReadiness) },
      { name: 'a read', run: () => throughPipe(byRead) },
      { name: 'a multishot read', run: () => throughPipe(byMultishot) },
    ],
  },
};

for (const name of program.processedArgs[0] as typeof NAMES) {
  const { unit, ways: make } = CASES[name];
  const ways = make();
  const took = ways.map(() => ({ seconds: [] as number[], processor: [] as number[] }));
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [index, { run }] of ways.entries()) {
      const before = process.cpuUsage();
      const start = performance.now();
      const units = await run();
      const seconds = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(before);
      // The first round only warms up.
      if (round === 0) continue;
      took[index]?.seconds.push(units / seconds);
      took[index]?.processor.push((user + system) / units);
    }
  }
  for (const [index, way] of ways.entries()) {
    const { seconds = [], processor = [] } = took[index] ?? {};
    const rate = median(seconds).toFixed(0);
    console.log(`${name} by ${way.name}: ${rate} ${unit}/s, ${median(processor).toFixed(1)} µs of processor time each`);
  }
}
await driver.close();

/** Sends to a program of another's that throws everything away. */
async function send(by: Driver): Promise<number> {
  const sink = spawn(process.execPath, ['-e', SINK], { stdio: ['ignore', 'pipe', 'inherit'] });
  const socket = await PolledSocket.connect(by, { address: '127.0.0.1', port: await portOf(sink.stdout) });
  const bytes = Buffer.alloc(options.write);
  for (let left = options.mib * MIB; left > 0; left -= bytes.length) await socket.writeAll(bytes);
  await socket.close();
  return options.mib;
}

async function receive(by: Driver): Promise<number> {
  const source = spawn(process.execPath, ['-e', SOURCE, String(options.mib * MIB), String(options.write)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const socket = await PolledSocket.connect(by, { address: '127.0.0.1', port: await portOf(source.stdout) });
  const bytes = Buffer.alloc(options.read);
  while ((await socket.read(bytes)) > 0);
  await socket.close();
  return options.mib;
}

/** Asks for messages, one after the other, and reads each of them. */
async function ask(by: Driver): Promise<number> {
  const other = spawn(process.execPath, ['-e', ANSWERS, String(options.write)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const socket = await PolledSocket.connect(by, { address: '127.0.0.1', port: await portOf(other.stdout) });
  const bytes = Buffer.alloc(options.read);
  for (let made = 0; made < options.times; made += 1) {
    await socket.write(MESSAGE, { length: 1 });
    for (let left = options.write; left > 0; ) left -= await socket.read(bytes);
  }
  await socket.close();
  return options.times;
}

/** Connects and accepts, some connections at a time. */
async function connectAll(connecting: Driver, accepting: Driver): Promise<number> {
  const listener = PolledListener.listen(accepting, LOOPBACK);
  const { localAddress } = listener;
  for (let made = 0; made < options.times; made += options.together) {
    const some = Array.from({ length: options.together }, () =>
      Promise.all([PolledSocket.connect(connecting, localAddress), listener.accept()]),
    );
    for (const [client, server] of await Promise.all(some)) {
      // Reset, so that no port is left waiting.
      client.setOption(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
      client[Symbol.dispose]();
      server[Symbol.dispose]();
    }
  }
  await listener.close();
  return options.times;
}

/** Reads what comes, and resolves to how many bytes that were. */
type Read = () => Promise<number>;

async function throughPipe(readBy: (fd: number) => [Read, () => Promise<void>]): Promise<number> {
  const [echoIn, out] = pipe2({ nonblock: false });
  const [back, echoOut] = pipe2();
  const echo = spawn('cat', { stdio: [echoIn, echoOut, 'inherit'] });
  close(echoIn);
  close(echoOut);
  const [readOnce, end] = readBy(back);
  for (let trip = 0; trip < options.times; trip += 1) {
    tryWrite(out, MESSAGE);
    for (let left = MESSAGE.length; left > 0; ) left -= await readOnce();
  }
  close(out);
  await new Promise((resolve) => echo.once('exit', resolve));
  await end();
  return options.times;
}

function byReadiness(fd: number): [Read, () => Promise<void>] {
  const pipe = new PolledPipe(driver, fd);
  const bytes = Buffer.alloc(MESSAGE.length);
  return [() => pipe.read(bytes), () => pipe.close()];
}

function byRead(fd: number): [Read, () => Promise<void>] {
  const bytes = Buffer.alloc(MESSAGE.length);
  return [() => driver.ioUringSubmit(read(fd, bytes)), async () => close(fd)];
}

function byMultishot(fd: number): [Read, () => Promise<void>] {
  const buffers = driver.ioUring.bufferRing({ entries: 64, bufferSize: 4096 });
  const reads = driver.multishot(readMultishot(fd, buffers));
  const end = async (): Promise<void> => {
    await reads.return();
    await buffers.close();
    close(fd);
  };
  const readOnce = async (): Promise<number> => {
    const { value } = await reads.next();
    return value?.result ?? 0;
  };
  return [readOnce, end];
}

async function portOf(output: NodeJS.ReadableStream): Promise<number> {
  return Number(String(await new Promise((resolve) => output.once('data', resolve))));
}
