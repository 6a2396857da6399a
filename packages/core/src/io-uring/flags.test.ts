import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cancel from './flags/cancel.js';
import * as cqe from './flags/cqe.js';
import * as fileIo from './flags/file-io.js';
import * as poll from './flags/poll.js';
import * as socket from './flags/socket.js';
import * as sqe from './flags/sqe.js';
import * as timeout from './flags/timeout.js';

function bitsOf(flags: Readonly<Record<string, number>>, prefix: string): number[] {
  return Object.entries(flags)
    .filter(([name]) => name.startsWith(prefix))
    .map(([, value]) => value);
}

const SETS: readonly (readonly [string, Readonly<Record<string, number>>, number])[] = [
  ['IOSQE_', sqe, 7],
  ['IORING_CQE_F_', cqe, 7],
  ['RWF_', fileIo, 9],
  ['IORING_FSYNC_', fileIo, 1],
  ['IORING_POLL_', poll, 4],
  ['IORING_ASYNC_CANCEL_', cancel, 6],
  ['IORING_ACCEPT_', socket, 3],
];

for (const [prefix, flags, count] of SETS) {
  test(`the ${prefix}* flags are ${count} different single bits`, () => {
    const bits = bitsOf(flags, prefix);
    assert.is(bits.length, count);
    assert.is(new Set(bits).size, count);
    for (const bit of bits) assert.is(bit & (bit - 1), 0);
  });
}

test('the flags of timeouts are the 7 low bits', () => {
  assert.is(
    Object.values(timeout).reduce((all, bit) => all | bit, 0),
    0b111_1111,
  );
});

test('the flags of sends and receives are the 6 low bits', () => {
  const bits = [...bitsOf(socket, 'IORING_RECV'), ...bitsOf(socket, 'IORING_SEND')];
  assert.is(bits.length, 6);
  assert.is(
    bits.reduce((all, bit) => all | bit, 0),
    0b11_1111,
  );
});

test('a flag of the highest bit is an unsigned number', () => {
  assert.is(socket.IORING_NOTIF_USAGE_ZC_COPIED, 2 ** 31);
});

test.run();
