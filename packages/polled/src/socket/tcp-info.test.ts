import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { progressIn } from './tcp-info.js';

const ESTABLISHED = 1;
const SYN_SENT = 2;
const CLOSE = 7;
const CLOSE_WAIT = 8;

/** A `struct tcp_info` with a state and a count of bytes that were acknowledged. */
function info(state: number, acknowledged: bigint): Buffer {
  const bytes = Buffer.alloc(128);
  bytes[0] = state;
  bytes.writeBigUInt64LE(acknowledged, 120);
  return bytes;
}

test('a connection that is over was made where the peer has acknowledged something', () => {
  assert.is(progressIn(info(CLOSE, 1n)), 'made');
  assert.is(progressIn(info(CLOSE, 0n)), 'none');
  assert.is(progressIn(info(SYN_SENT, 0n)), 'connecting');
});

test('a connection that is there was made though a kernel does not count', () => {
  for (const state of [ESTABLISHED, CLOSE_WAIT]) assert.is(progressIn(info(state, 0n)), 'made');
});

test.run();
