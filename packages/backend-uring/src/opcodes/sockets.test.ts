import {
  accept,
  bind,
  connect,
  type InetAddress,
  IORING_OP_ACCEPT,
  IORING_OP_BIND,
  IORING_OP_CONNECT,
  IORING_OP_LISTEN,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IORING_OP_SEND_ZC,
  IORING_OP_SHUTDOWN,
  IORING_OP_SOCKET,
  listen,
  MSG_PEEK,
  MSG_TRUNC,
  recv,
  SocketAddressResult,
  send,
  sendZc,
  shutdown,
  socket,
} from '@polyring/core';
import {
  bind as bindNow,
  getpeername,
  getsockname,
  isNonblocking,
  listen as listenNow,
  recv as recvNow,
  send as sendNow,
  socketpair,
} from '@polyring/sys';
import * as assert from 'uvu/assert';
import { type OpcodeContext, opcodeSuite } from './opcode-suite.test-support.js';

const LOOPBACK = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const;

const suite = opcodeSuite('opcodes of sockets');

async function listener({ submit, opened }: OpcodeContext): Promise<{ fd: number; address: InetAddress }> {
  const fd = opened(await submit(socket('ipv4', 'stream')));
  bindNow(fd, LOOPBACK);
  listenNow(fd);
  return { fd, address: getsockname(fd) as InetAddress };
}

async function tcpPair(context: OpcodeContext): Promise<[number, number]> {
  const { submit, opened } = context;
  const { fd, address } = await listener(context);
  const client = opened(await submit(socket('ipv4', 'stream')));
  const accepting = submit(accept(fd));
  await submit(connect(client, address));
  return [client, opened(await accepting)];
}

function pair({ opened }: OpcodeContext): [number, number] {
  const [left, right] = socketpair();
  return [opened(left), opened(right)];
}

function datagrams({ submit, opened }: OpcodeContext): Promise<[number, number]> {
  return Promise.all([submit(socket('ipv4', 'dgram')), submit(socket('ipv4', 'dgram'))]).then(async ([one, other]) => {
    for (const fd of [one, other]) bindNow(opened(fd), LOOPBACK);
    return [one, other];
  });
}

const SET_UP = [IORING_OP_SOCKET, IORING_OP_CONNECT, IORING_OP_ACCEPT];

suite.covers(
  [IORING_OP_SOCKET, IORING_OP_CONNECT, IORING_OP_ACCEPT],
  'a connection is made, and accepted with the address of the other end',
  async (context) => {
    const { submit, opened } = context;
    const { fd, address } = await listener(context);
    assert.is(address.address, '127.0.0.1');
    const client = opened(await submit(socket('ipv4', 'stream')));
    const peer = new SocketAddressResult();
    assert.is(peer.address, undefined);
    const entry = accept(fd, { peer, nonblock: false });
    const accepting = submit(entry);
    assert.is(await submit(connect(client, address)), 0);
    const server = opened(await accepting);
    assert.equal(peer.address, getsockname(client));
    assert.equal(getpeername(client), address);
    assert.is(isNonblocking(server), false);
    const again = opened(await submit(socket('ipv4', 'stream')));
    const acceptingAgain = submit(entry);
    await submit(connect(again, address));
    opened(await acceptingAgain);
    assert.equal(peer.address, getsockname(again), 'an entry is as good the second time');
  },
);

suite.covers([IORING_OP_BIND, IORING_OP_LISTEN], 'a socket gets an address, and listens there', async (context) => {
  const { submit, fails, opened, path } = context;
  const fd = opened(await submit(socket('ipv4', 'stream')));
  assert.is(await submit(bind(fd, { address: '127.0.0.1', port: 0 })), 0);
  assert.is(await submit(listen(fd, 5)), 0);
  const address = getsockname(fd) as InetAddress;
  assert.is(address.address, '127.0.0.1');
  const client = opened(await submit(socket('ipv4', 'stream')));
  assert.is(await submit(connect(client, address)), 0);
  const server = opened(await submit(socket('unix', 'dgram')));
  assert.is(await submit(bind(server, { path: path('server') })), 0);
  assert.equal(getsockname(server), { path: path('server') });
  await fails(bind(server, { path: path('server') }), 'EADDRINUSE');
});

suite.covers([IORING_OP_SOCKET, IORING_OP_CONNECT], 'unix sockets have paths', async (context) => {
  const { submit, fails, opened, path } = context;
  const server = opened(await submit(socket('unix', 'dgram')));
  bindNow(server, { path: path('server') });
  const client = opened(await submit(socket('unix', 'dgram', { nonblock: false })));
  assert.is(await submit(connect(client, { path: path('server') })), 0);
  assert.equal(getpeername(client), { path: path('server') });
  const refused = await fails(connect(client, { path: path('nobody') }), 'ENOENT');
  assert.is(refused.syscall, 'connect');
  assert.is(refused.fd, client);
});

suite.covers([IORING_OP_SOCKET], 'a socket that cannot be is refused without a descriptor', async ({ fails }) => {
  const error = await fails(socket('ipv4', 'stream', { protocol: 200 }), 'EPROTONOSUPPORT');
  assert.is(error.fd, undefined);
});

suite.covers([IORING_OP_RECV], 'bytes are received as far as the result goes', async (context) => {
  const { submit } = context;
  const [left, right] = pair(context);
  const view = Buffer.alloc(16, 0xee);
  const receiving = submit(recv(left, view));
  sendNow(right, Buffer.from('hello'));
  assert.is(await receiving, 5);
  assert.is(view.toString('latin1', 0, 6), 'hello\xee');
  sendNow(right, Buffer.from('again'));
  assert.is(await submit(recv(left, view, { flags: MSG_PEEK, pollFirst: true })), 5);
  assert.is(await submit(recv(left, view.subarray(0, 3), { flags: 0 })), 3);
  assert.is(view.toString('latin1', 0, 6), 'again\xee');
});

suite.covers([IORING_OP_RECV, ...SET_UP], 'bytes that a receive throws away overwrite nothing', async (context) => {
  const [client, server] = await tcpPair(context);
  sendNow(client, Buffer.from('hello'));
  const view = Buffer.alloc(8, 0xee);
  assert.is(await context.submit(recv(server, view, { flags: MSG_TRUNC })), 5);
  assert.equal(view, Buffer.alloc(8, 0xee));
});

suite.covers([IORING_OP_SEND], 'bytes are sent as they were at submission', async (context) => {
  const { submit, fails, driver } = context;
  const [left, right] = pair(context);
  const bytes = Buffer.from('as submitted');
  const sending = submit(send(left, bytes));
  bytes.fill(0);
  assert.is(await sending, 12);
  const lent = driver.allocate(4);
  lent.bytes.set(Buffer.from('lent'));
  assert.is(await submit(send(left, lent.bytes, { flags: 0 })), 4);
  const view = Buffer.alloc(32);
  assert.is(recvNow(right, view), 16);
  assert.is(view.toString('latin1', 0, 16), 'as submittedlent');
  assert.is(await submit(shutdown(left, 'write')), 0);
  await fails(send(left, bytes), 'EPIPE');
});

// Such a send has an address since Linux 6.1, as that feature.
suite.covers([IORING_OP_SEND, IORING_OP_SOCKET, 'sendmsgZc'], 'a datagram goes to its address', async (context) => {
  const [one, other] = await datagrams(context);
  assert.is(await context.submit(send(one, Buffer.from('to you'), { address: getsockname(other) as InetAddress })), 6);
  const view = Buffer.alloc(16);
  assert.is(await context.submit(recv(other, view)), 6);
  assert.is(view.toString('latin1', 0, 6), 'to you');
});

suite.covers([IORING_OP_SHUTDOWN], 'a direction that was shut is at its end', async (context) => {
  const { submit, fails } = context;
  const [left, right] = pair(context);
  const receiving = submit(recv(left, Buffer.alloc(4)));
  assert.is(await submit(shutdown(right, 'write')), 0);
  assert.is(await receiving, 0);
  await fails(send(right, Buffer.from('x')), 'EPIPE');
});

suite.covers([IORING_OP_SEND_ZC, ...SET_UP], 'bytes are sent without a copy, from any memory', async (context) => {
  const { submit, driver } = context;
  const [client, server] = await tcpPair(context);
  const lent = driver.allocate(5000);
  lent.bytes.fill('l');
  const received = Buffer.alloc(5000);
  for (const [buffer, options] of [
    [lent.bytes, {}],
    [lent.bytes, { registered: true }],
    [Buffer.alloc(5000, 'l'), {}],
    [Buffer.alloc(5000, 'l'), { registered: true }],
  ] as const) {
    received.fill(0);
    let arrived = 0;
    const sending = submit(sendZc(client, buffer, options));
    while (arrived < 5000) arrived += await submit(recv(server, received.subarray(arrived)));
    assert.is(await sending, 5000);
    assert.equal(received, lent.bytes);
  }
  lent.release();
});

suite.covers(
  [IORING_OP_SEND_ZC, IORING_OP_SOCKET],
  'a datagram goes to its address without a copy',
  async (context) => {
    const [one, other] = await datagrams(context);
    const options = { address: getsockname(other) as InetAddress };
    assert.is(await context.submit(sendZc(one, Buffer.from('to you'), options)), 6);
    const view = Buffer.alloc(16);
    assert.is(await context.submit(recv(other, view)), 6);
    assert.is(view.toString('latin1', 0, 6), 'to you');
  },
);

suite.run();
