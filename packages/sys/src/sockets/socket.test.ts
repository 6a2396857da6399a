import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import {
  Errno,
  type InetAddress,
  MSG_PEEK,
  MSG_TRUNC,
  PollEvents,
  type SocketAddress,
  type SocketAddressInput,
  type SocketFamily,
} from '@polyring/core';
import { isCloseOnExec, temporaryDirectory, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SO_PEERCRED,
  SO_REUSEADDR,
  SO_TYPE,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../constants/socket-option.js';
import { close } from '../descriptors/close.js';
import { fdKind } from '../descriptors/fd-kind.js';
import { isNonblocking } from '../descriptors/status-flags.js';
import { eventfd } from '../events/eventfd.js';
import { untilReady } from '../until-ready.test-support.js';
import { recv, send, tryRecv, trySend } from './send-receive.js';
import {
  accept4,
  acceptWithAddress,
  bind,
  connect,
  getpeername,
  getsockname,
  listen,
  shutdown,
  socket,
  tryAccept,
} from './socket.js';
import { getsockopt, getsockoptBytes, setsockopt } from './socket-option.js';
import { socketpair } from './socketpair.js';

const { EAGAIN, EPIPE, EINPROGRESS } = Errno;

const folder = temporaryDirectory();
const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some((each) => each.address === '::1'));

function listenOn(family: SocketFamily, address: SocketAddressInput): { fd: number; address: SocketAddress } {
  const fd = socket(family, 'stream');
  bind(fd, address);
  listen(fd);
  return { fd, address: getsockname(fd) };
}

async function converse(family: SocketFamily, at: SocketAddressInput): Promise<void> {
  const listener = listenOn(family, at);
  const client = socket(family, 'stream');
  const started = connect(client, listener.address);
  assert.ok(started === 0 || started === EINPROGRESS);
  await untilReady(client, PollEvents.OUT);
  assert.is(getsockopt(client, SOL_SOCKET, SO_ERROR), 0);

  await untilReady(listener.fd);
  const accepted = acceptWithAddress(listener.fd);
  assert.equal(accepted.address, getsockname(client));
  assert.equal(getpeername(client), listener.address);
  assert.equal(getpeername(accepted.fd), getsockname(client));

  const target = Buffer.alloc(16);
  assert.is(send(client, Buffer.from('.hello.'), 1, 5), 5);
  await untilReady(accepted.fd);
  assert.is(recv(accepted.fd, target, 0, 5, MSG_PEEK), 5);
  assert.is(recv(accepted.fd, target, 2), 5);
  assert.is(target.toString('latin1', 2, 7), 'hello');
  assert.is(tryRecv(accepted.fd, target), EAGAIN);

  shutdown(client, 'write');
  await untilReady(accepted.fd, PollEvents.RDHUP);
  assert.is(recv(accepted.fd, target), 0);
  assert.is(trySend(client, target), EPIPE);
  for (const fd of [client, accepted.fd, listener.fd]) close(fd);
}

test('a conversation over TCP on IPv4', () => converse('ipv4', { address: '127.0.0.1', port: 0 }));

test('a conversation over TCP on IPv6', () =>
  hasIPv6 ? converse('ipv6', { address: '::1', port: 0 }) : assert.is(hasIPv6, false));

test('a conversation over a unix socket at a path', () => converse('unix', { path: join(folder, 'socket') }));

test('a conversation over a unix socket with an abstract name', () =>
  converse('unix', { path: `\0polyring-${process.pid}` }));

test('an address is given in the form of net.AddressInfo', async () => {
  const { createServer } = await import('node:net');
  const server = createServer((connection) => connection.end('from node'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = socket('ipv4', 'stream');
  const address = server.address() as import('node:net').AddressInfo;
  connect(client, address);
  await untilReady(client);
  assert.equal(getpeername(client), address);
  const target = Buffer.alloc(16);
  assert.is(target.toString('latin1', 0, recv(client, target)), 'from node');
  close(client);
  await new Promise((resolve) => server.close(resolve));
});

test('sockets and connections are close-on-exec, and non-blocking unless asked otherwise', async () => {
  const listener = listenOn('unix', { path: '' });
  for (const nonblock of [undefined, true, false]) {
    const options = { nonblock };
    const client = socket('unix', 'stream', options);
    connect(client, listener.address);
    const connections = [accept4(listener.fd, options)];
    const second = socket('unix', 'stream');
    connect(second, listener.address);
    connections.push(acceptWithAddress(listener.fd, options).fd);
    for (const fd of [client, ...connections]) {
      assert.ok(isCloseOnExec(fd));
      assert.is(isNonblocking(fd), nonblock ?? true);
      close(fd);
    }
    close(second);
  }
  close(listener.fd);
});

test('binding to the empty path chooses an abstract name', () => {
  const listener = listenOn('unix', { path: '' });
  assert.match((listener.address as { path: string }).path, /^\0[0-9a-f]{5}$/);
  close(listener.fd);
});

test('a refused connection says so in SO_ERROR, once', async () => {
  const taken = listenOn('ipv4', { address: '127.0.0.1', port: 0 });
  close(taken.fd);
  const client = socket('ipv4', 'stream');
  assert.is(connect(client, taken.address), EINPROGRESS);
  await untilReady(client, PollEvents.OUT);
  assert.is(getsockopt(client, SOL_SOCKET, SO_ERROR), -Errno.ECONNREFUSED);
  assert.is(getsockopt(client, SOL_SOCKET, SO_ERROR), 0);
  close(client);
});

test('accepting where nobody waits is EAGAIN', () => {
  const listener = listenOn('ipv4', { address: '127.0.0.1', port: 0 });
  assert.is(tryAccept(listener.fd), EAGAIN);
  throws(() => accept4(listener.fd), 'EAGAIN');
  throws(() => acceptWithAddress(listener.fd), 'EAGAIN');
  close(listener.fd);
});

test('a number, a switch and a structure are set as options and read back', () => {
  const fd = socket('ipv4', 'stream');
  assert.is(getsockopt(fd, SOL_SOCKET, SO_TYPE), 1);
  assert.is(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, true);
  assert.is(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR), 1);
  assert.is(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY), 1);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, false);
  assert.is(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY), 0);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 7));
  const linger = getsockoptBytes(fd, SOL_SOCKET, SO_LINGER, 64);
  assert.equal([linger.length, linger.readInt32LE(0), linger.readInt32LE(4)], [8, 1, 7]);
  throws(() => getsockopt(fd, IPPROTO_TCP, 0x7777), 'ENOPROTOOPT');
  throws(() => setsockopt(fd, SOL_SOCKET, SO_TYPE, 1), 'ENOPROTOOPT');
  throws(() => setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 2 ** 31), 'ERR_OUT_OF_RANGE');
  throws(() => setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, '1' as never), 'ERR_INVALID_ARG_TYPE');
  close(fd);
});

test('the filter of a socket, which the kernel would write beyond the bytes that it is given, is not read', () => {
  const SO_GET_FILTER = 26;
  const fd = socket('ipv4', 'dgram');
  for (const read of [
    () => getsockopt(fd, SOL_SOCKET, SO_GET_FILTER),
    () => getsockoptBytes(fd, SOL_SOCKET, SO_GET_FILTER, 64),
  ]) {
    assert.throws(read, /SO_GET_FILTER/);
    throws(read, 'ERR_OUT_OF_RANGE');
  }
  close(fd);
});

test('the peer of a socket pair is this process', () => {
  const [left, right] = socketpair();
  assert.is(getsockoptBytes(left, SOL_SOCKET, SO_PEERCRED, 12).readInt32LE(0), process.pid);
  assert.equal(getsockname(left), { path: '' });
  close(left);
  close(right);
});

test('a datagram that does not fit says its length with MSG_TRUNC', () => {
  const [left, right] = socketpair({ type: 'dgram' });
  send(left, Buffer.alloc(100));
  assert.is(recv(right, Buffer.alloc(10), 0, 10, MSG_TRUNC), 100);
  close(left);
  close(right);
});

test('shutting both directions ends the other side', () => {
  const [left, right] = socketpair();
  shutdown(left, 'both');
  assert.is(recv(right, Buffer.alloc(1)), 0);
  throws(() => send(right, Buffer.alloc(1)), 'EPIPE');
  close(left);
  close(right);
});

test('wrong arguments are refused before the call, and what is no socket is ENOTSOCK', () => {
  const fd = eventfd();
  assert.is(fdKind(fd), 'anonymous');
  for (const [code, body] of [
    ['ERR_INVALID_ARG_VALUE', () => socket('ipx' as never, 'stream')],
    ['ERR_INVALID_ARG_TYPE', () => socket(null as never, 'stream')],
    ['ERR_INVALID_ARG_VALUE', () => socket('ipv4', 'rdm' as never)],
    ['EPROTONOSUPPORT', () => socket('ipv4', 'stream', { protocol: 17 })],
    ['ERR_OUT_OF_RANGE', () => listen(fd, -1)],
    ['ERR_INVALID_ARG_VALUE', () => shutdown(fd, 'all' as never)],
    ['ERR_OUT_OF_RANGE', () => recv(fd, Buffer.alloc(1), 2)],
    ['ERR_OUT_OF_RANGE', () => send(fd, Buffer.alloc(1), 0, 2)],
    ['ERR_OUT_OF_RANGE', () => send(fd, Buffer.alloc(1), 0, 1, -1)],
    ['ENOTSOCK', () => bind(fd, { path: '' })],
    ['ENOTSOCK', () => listen(fd)],
    ['ENOTSOCK', () => accept4(fd)],
    ['ENOTSOCK', () => connect(fd, { path: '/x' })],
    ['ENOTSOCK', () => getsockname(fd)],
    ['ENOTSOCK', () => getpeername(fd)],
    ['ENOTSOCK', () => getsockopt(fd, SOL_SOCKET, SO_TYPE)],
    ['ENOTSOCK', () => shutdown(fd, 'both')],
    ['ENOTSOCK', () => recv(fd, Buffer.alloc(1))],
    ['ENOTSOCK', () => send(fd, Buffer.alloc(1))],
  ] as [string, () => unknown][]) {
    throws(body, code);
  }
  close(fd);
});

test('an address in use is EADDRINUSE', () => {
  const listener = listenOn('ipv4', { address: '127.0.0.1', port: 0 });
  const other = socket('ipv4', 'stream');
  assert.is((listener.address as InetAddress).family, 'IPv4');
  throws(() => bind(other, listener.address), 'EADDRINUSE');
  close(other);
  close(listener.fd);
});

test.run();
