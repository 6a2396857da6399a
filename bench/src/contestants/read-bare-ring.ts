import { constants, openSync } from 'node:fs';
import { BLOCK_SIZE, BlockBuffer, BlockChecker, BlockOrder } from '../block-file.js';
import { BareLanes } from './shared/bare-lanes.js';
import { BareRing } from './shared/bare-ring.js';
import { inFlight, metered } from './shared/meter.js';
import type { ReadOptions } from './shared/read-options.js';
import { answer, told } from './shared/serve.js';

// The limit of random reads in JavaScript on io_uring: one promise for each, and nothing that a driver knows or checks.

const READ_FIXED = 4;
const FIXED_FILE = 1 << 8;
const REGISTER_BUFFERS = 0;
const REGISTER_FILES = 2;

const { by, path, blocks, depth, direct = false, milliseconds } = told<ReadOptions>();
const fd = openSync(path, constants.O_RDONLY | (direct ? constants.O_DIRECT : 0));
const ring = await BareRing.open(1024, 2048);
const lanes = new BareLanes(ring);
const memory = ring.memory(depth * BLOCK_SIZE);
const buffers = Array.from(
  { length: depth },
  (_, index) => new BlockBuffer(Buffer.from(memory.bytes, index * BLOCK_SIZE, BLOCK_SIZE)),
);
// As a driver registers its memory where that is worth it.
const buffer = BigUint64Array.of(BigInt(memory.address), BigInt(depth * BLOCK_SIZE));
register(REGISTER_BUFFERS, new Uint32Array(buffer.buffer));
const isRegistered = by === 'registered';
if (isRegistered) register(REGISTER_FILES, Uint32Array.of(fd));
const [head, file] = isRegistered ? [READ_FIXED | FIXED_FILE, 0] : [READ_FIXED, fd];
const order = new BlockOrder(blocks);

function register(opcode: number, argument: Uint32Array): void {
  if (ring.native.register(opcode, argument, 1) < 0) throw new Error('The kernel registers nothing');
}

await answer(() =>
  metered(async () => {
    const checker = new BlockChecker();
    const operations = await inFlight(depth, milliseconds, async (lane, more) => {
      const own = buffers[lane] as BlockBuffer;
      const address = memory.address + lane * BLOCK_SIZE;
      while (more()) {
        const block = order.next();
        ring.push(head, file, address, BLOCK_SIZE, 0, lane, block * BLOCK_SIZE);
        checker.check(own, await lanes.end(lane), block);
      }
    });
    return { operations, errors: checker.wrong };
  }),
);
