import { closeSync, fstatSync, openSync } from 'node:fs';
import {
  type InetAddress,
  IORING_OP_RECVMSG,
  IORING_OP_SENDMSG,
  IORING_OP_SENDMSG_ZC,
  MessageResult,
  MSG_CTRUNC,
  MSG_TRUNC,
  recvmsg,
  SOL_SOCKET,
  sendmsg,
  sendmsgZc,
} from '@polyring/core';
import { accept4, bind, connect, getsockname, listen, setsockopt, socket, socketpair } from '@polyring/sys';
import * as assert from 'uvu/assert';
import { type OpcodeContext, opcodeSuite } from './opcode-suite.test-support.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const SO_TIMESTAMP = 29;

const suite = opcodeSuite('opcodes of messages');

function pair({ opened }: OpcodeContext, type: 'stream' | 'dgram'): [number, number] {
  const [left, right] = socketpair({ type });
  return [opened(left), opened(right)];
}

function datagram({ opened }: OpcodeContext): number {
  const fd = opened(socket('ipv4', 'dgram'));
  bind(fd, LOOPBACK);
  return fd;
}

suite.covers([IORING_OP_SENDMSG, IORING_OP_RECVMSG], 'bytes go out of and into several pieces', async (context) => {
  const { submit, driver } = context;
  const [left, right] = pair(context, 'stream');
  const lent = driver.allocate(6);
  lent.bytes.set(Buffer.from('lent, '));
  const receiving = [Buffer.alloc(3), driver.allocate(5).bytes, Buffer.alloc(20, 0xee)];
  const result = new MessageResult();
  const done = submit(recvmsg(right, receiving, result));
  assert.is(await submit(sendmsg(left, { buffers: [lent.bytes, Buffer.from('mine')] })), 10);
  assert.is(await done, 10);
  assert.is(Buffer.concat(receiving).toString('latin1', 0, 11), 'lent, mine\xee');
  assert.is(result.flags & (MSG_TRUNC | MSG_CTRUNC), 0);
  assert.equal(result.fds, []);
  assert.equal(result.control, []);
});

suite.covers([IORING_OP_RECVMSG], 'no more descriptors come than were asked for', async (context) => {
  const { submit } = context;
  const [left, right] = pair(context, 'stream');
  for (const maximumFds of [1, 2, 3]) {
    const result = new MessageResult({ maximumFds });
    await submit(sendmsg(left, { buffers: [Buffer.from('x')], fds: Array(6).fill(left) }));
    assert.is(await submit(recvmsg(right, [Buffer.alloc(1)], result)), 1);
    assert.is(result.fds.length, maximumFds);
    assert.ok((result.flags & MSG_CTRUNC) !== 0);
    for (const fd of result.fds) closeSync(fd);
  }
});

suite.covers([IORING_OP_SENDMSG, IORING_OP_RECVMSG], 'descriptors pass as duplicates', async (context) => {
  const { submit, path } = context;
  const [left, right] = pair(context, 'stream');
  const fd = openSync(path('file'), 'w');
  const other = openSync(path('other'), 'w');
  const buffers = [Buffer.from('x')];
  const result = new MessageResult({ maximumFds: 4 });
  assert.is(await submit(sendmsg(left, { buffers, fds: [fd, other] })), 1);
  assert.is(await submit(recvmsg(right, [Buffer.alloc(1)], result)), 1);
  assert.equal(
    result.fds.map((each) => fstatSync(each).ino),
    [fstatSync(fd).ino, fstatSync(other).ino],
  );
  for (const each of result.fds) closeSync(each);
  await submit(sendmsg(left, { buffers, fds: [fd, other] }));
  const none = new MessageResult();
  await submit(recvmsg(right, [Buffer.alloc(1)], none));
  assert.equal(none.fds, []);
  assert.is(none.flags & MSG_CTRUNC, MSG_CTRUNC);
  closeSync(fd);
  closeSync(other);
  await context.fails(sendmsg(left, { buffers, fds: [fd] }), 'EBADF');
});

suite.covers([IORING_OP_SENDMSG, IORING_OP_RECVMSG], 'datagrams have addresses and lengths', async (context) => {
  const { submit } = context;
  const sender = datagram(context);
  const receiver = datagram(context);
  const address = getsockname(receiver) as InetAddress;
  const message = { buffers: [Buffer.from('long enough')], address };
  assert.is(await submit(sendmsg(sender, message)), 11);
  const view = Buffer.alloc(4);
  const result = new MessageResult();
  const entry = recvmsg(receiver, [view], result, { flags: MSG_TRUNC });
  assert.is(await submit(entry), 11);
  assert.is(view.toString(), 'long');
  assert.is(result.flags & MSG_TRUNC, MSG_TRUNC);
  assert.equal(result.address, getsockname(sender));
  await submit(sendmsg(sender, message));
  assert.is(await submit(entry), 11, 'an entry is as good the second time');
  assert.equal(result.address, getsockname(sender));
});

suite.covers([IORING_OP_RECVMSG], 'other control messages are told', async (context) => {
  const { submit } = context;
  const sender = datagram(context);
  const receiver = datagram(context);
  setsockopt(receiver, SOL_SOCKET, SO_TIMESTAMP, 1);
  await submit(sendmsg(sender, { buffers: [Buffer.from('x')], address: getsockname(receiver) as InetAddress }));
  const result = new MessageResult({ controlLength: 64 });
  await submit(recvmsg(receiver, [Buffer.alloc(1)], result));
  const [stamp] = result.control;
  assert.is(stamp?.level, SOL_SOCKET);
  assert.is(stamp?.type, SO_TIMESTAMP);
  assert.is(stamp?.data.length, 16);
});

suite.covers([IORING_OP_SENDMSG_ZC], 'a message is sent without a copy', async (context) => {
  const { submit, driver, opened } = context;
  const listener = opened(socket('ipv4', 'stream'));
  bind(listener, LOOPBACK);
  listen(listener);
  const client = opened(socket('ipv4', 'stream', { nonblock: false }));
  connect(client, getsockname(listener) as InetAddress);
  const server = opened(accept4(listener));
  const lent = driver.allocate(4096);
  lent.bytes.fill('l');
  const sending = submit(sendmsgZc(client, { buffers: [lent.bytes, Buffer.alloc(904, 'm')] }));
  const received = Buffer.alloc(5000);
  const result = new MessageResult();
  let arrived = 0;
  while (arrived < 5000) arrived += await submit(recvmsg(server, [received.subarray(arrived)], result));
  assert.is(await sending, 5000);
  assert.equal(received, Buffer.concat([Buffer.alloc(4096, 'l'), Buffer.alloc(904, 'm')]));
});

suite.run();
