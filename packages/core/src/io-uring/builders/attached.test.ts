import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Entry } from '../entry.js';
import { OPCODES } from '../opcodes.js';
import { MessageResult } from '../results/message-result.js';
import { StatxResult } from '../results/statx-result.js';
import { recvmsg, sendmsg } from './message.js';
import {
  acceptMultishot,
  pollMultishot,
  readMultishot,
  recvMultishot,
  recvmsgMultishot,
  timeoutMultishot,
} from './multishot.js';
import { openat } from './open.js';
import { pollAdd } from './poll.js';
import { recvZc } from './send-receive.js';
import { accept, connect } from './socket.js';
import { statx } from './statx.js';
import { timeout } from './timeout.js';

const bytes = Buffer.alloc(16);

test('a path is kept as it was when the entry was made', () => {
  const path = Buffer.from('/tmp');
  const entry = openat(path, 0);
  path.fill(0x78);
  const struct = entry.attached?.addr;
  assert.ok(struct?.kind === 'struct');
  assert.is(Buffer.from(struct.bytes).toString(), '/tmp\0');
  assert.is(entry.rare?.path, '/tmp');
});

test('so is an address that is given in bytes', () => {
  const address = Uint8Array.of(16, 0, 1, 2);
  const struct = connect(3, { bytes: address }).attached?.addr;
  address.fill(9);
  assert.ok(struct?.kind === 'struct');
  assert.equal([...struct.bytes], [16, 0, 1, 2]);
});

test('a message keeps its pieces though the caller changes the list', () => {
  const buffers = [bytes];
  const entry = sendmsg(3, { buffers });
  buffers.pop();
  const header = entry.attached?.addr;
  assert.ok(header?.kind === 'struct');
  const [vectors] = header.pointers ?? [];
  assert.ok(vectors?.to.kind === 'vectors');
  assert.equal(vectors.to.views, [bytes]);
});

test('what an entry attaches is no result: nothing shows where the kernel writes', () => {
  const result = new MessageResult({ maximumFds: 1 });
  recvmsg(3, [bytes], result);
  assert.equal(Object.keys(result), []);
  const stats = new StatxResult();
  statx('/', stats);
  assert.equal(Object.keys(stats), []);
});

test('entries know whether they complete again and again', () => {
  const group = { group: 1 };
  for (const entry of [
    acceptMultishot(3),
    pollMultishot(3, 1),
    recvMultishot(3, group),
    recvmsgMultishot(3, group),
    readMultishot(3, group),
    timeoutMultishot(5),
    recvZc(3, 0),
    Entry.unsafe({ opcode: 10, ioprio: 2 }),
    Entry.unsafe({ opcode: 46, opFlags: 2 }),
  ]) {
    assert.is(entry.multishot, true, OPCODES[entry.opcode]?.name);
  }
  for (const entry of [accept(3), accept(3, { pollFirst: true }), pollAdd(3, 1), timeout(5), openat('x', 64)]) {
    assert.is(entry.multishot, false, OPCODES[entry.opcode]?.name);
  }
});

test('attached memory stands beside no buffer', () => {
  const attached = { addr: { kind: 'struct', bytes } } as const;
  throws(() => Entry.unsafe({ opcode: 0, buffer: bytes, attached }), 'ERR_INVALID_ARG_TYPE', /attached/);
  throws(() => Entry.unsafe({ opcode: 0, vectors: [bytes], attached }), 'ERR_INVALID_ARG_TYPE', /attached/);
});

test.run();
