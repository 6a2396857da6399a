import assert from 'node:assert/strict';
import { type Driver, Errno, InterestSlot, Pending, PollEvents } from '@polyring/core';
import {
  connect,
  getsockopt,
  MSG_PEEK,
  recv,
  SO_ERROR,
  SOL_SOCKET,
  send as sendBytes,
  shutdown,
  socket,
  tryAccept,
} from '@polyring/sys';
import { StreamEnd } from '../fixtures/stream-end.js';
import { type Readiness, readyFor, registerSocket } from '../polling/readiness.js';
import { receive, send } from '../polling/transfer.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { deserted } from './deserted.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, ERR, HUP } = PollEvents;

/** Sends everything, then shuts the direction. */
async function sendAll(end: StreamEnd, readiness: Readiness, content: Buffer): Promise<void> {
  await send(end, readiness, content);
  shutdown(end.fd, 'write');
}

async function halfClose(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const [end, peer] of [context.fixtures.socketPair(), context.fixtures.tcpPair()]) {
    using mine = registerSocket(driver, end.fd);
    using theirs = registerSocket(driver, peer.fd);
    const heard = receive(peer, theirs);
    await context.barrier(driver);
    await sendAll(end, mine, Buffer.from('there'));
    assert.equal((await heard).toString(), 'there');
    const answer = receive(end, mine);
    await context.barrier(driver);
    await sendAll(peer, theirs, Buffer.from('and back'));
    assert.equal((await answer).toString(), 'and back', 'the other direction ended with the first');
  }
}

async function acceptAndConnect(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const listener = context.fixtures.listener();
  using listening = registerSocket(driver, listener.fd);
  for (let round = 0; round < 10; round += 1) {
    const incoming = readyFor(listening, Read, IN);
    if (round % 2 === 0) await context.barrier(driver);
    const client = context.fixtures.keep(listener.connect());
    using connecting = registerSocket(driver, client.fd);
    const events = await readyFor(connecting, Write, OUT);
    assert.equal(events & (ERR | HUP), 0, 'a connection that was made is told as failed');
    assert.equal(getsockopt(client.fd, SOL_SOCKET, SO_ERROR), 0);
    assert.ok((await incoming) & IN);
    const accepted = context.fixtures.keep(new StreamEnd(tryAccept(listener.fd)));
    assert.equal(tryAccept(listener.fd), Errno.EAGAIN);
    listening.clear(Read);
    using serving = registerSocket(driver, accepted.fd);
    client.write(Buffer.from('hello'));
    await readyFor(serving, Read, IN);
    assert.equal(accepted.read()?.toString(), 'hello');
  }
}

async function refused(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await refusedConnection(context, driver);
  await refusedDatagram(context, driver);
}

/** On loopback the kernel may refuse at once; where the answer comes later, the driver must tell of it. */
async function refusedConnection(context: RuleContext, driver: Driver): Promise<void> {
  const client = context.fixtures.keep(new StreamEnd(socket('ipv4', 'stream')));
  let code = 0;
  try {
    code = connect(client.fd, deserted(context, 'stream'));
  } catch (error) {
    isSystemError('ECONNREFUSED')(error);
    return;
  }
  assert.equal(code, Errno.EINPROGRESS);
  using connecting = registerSocket(driver, client.fd);
  const events = await readyFor(connecting, Write, OUT);
  assert.ok(events & (ERR | HUP), 'a connection that was refused is told as made');
  assert.equal(getsockopt(client.fd, SOL_SOCKET, SO_ERROR), -Errno.ECONNREFUSED);
}

/** A datagram to nobody comes back as an error of the socket, after the send. */
async function refusedDatagram(context: RuleContext, driver: Driver): Promise<void> {
  const address = deserted(context, 'dgram');
  const sender = context.fixtures.keep(new StreamEnd(socket('ipv4', 'dgram')));
  connect(sender.fd, address);
  using sending = registerSocket(driver, sender.fd);
  const wakes = new Wakes();
  assert.equal(sending.poll(wakes.waker, Read, PRI), Pending);
  await context.barrier(driver);
  sendBytes(sender.fd, Buffer.from('x'));
  await wakes.beyond(0);
  assert.ok((await readyFor(sending, Read, PRI)) & ERR, 'an error of the socket is not told');
  assert.equal(getsockopt(sender.fd, SOL_SOCKET, SO_ERROR), -Errno.ECONNREFUSED);
}

async function peek(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const [end, peer] of [context.fixtures.socketPair(), context.fixtures.tcpPair()]) {
    using readiness = registerSocket(driver, end.fd);
    const waiting = readyFor(readiness, Read, IN);
    peer.write(Buffer.from('content'));
    await waiting;
    const buffer = Buffer.alloc(7);
    assert.equal(recv(end.fd, buffer, 0, 7, MSG_PEEK), 7);
    assert.equal(buffer.toString(), 'content');
    await readyFor(readiness, Read, IN);
    assert.equal(end.read()?.toString(), 'content', 'peeking took the bytes');
  }
}

async function emptyRead(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.tcpPair();
  using readiness = registerSocket(driver, end.fd);
  const waiting = readyFor(readiness, Read, IN);
  await context.barrier(driver);
  assert.equal(end.read(0)?.length, 0);
  peer.write(Buffer.from('x'));
  assert.equal(end.read(0)?.length, 0);
  assert.ok((await waiting) & IN, 'a read of nothing took the readiness');
  assert.equal(end.read()?.toString(), 'x', 'a read of nothing took the byte');
}

async function bothWays(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const [end, peer] of [context.fixtures.socketPair(), context.fixtures.tcpPair()]) {
    using mine = registerSocket(driver, end.fd);
    using theirs = registerSocket(driver, peer.fd);
    const [there, back] = [context.random.bytes(4_000_000), context.random.bytes(4_000_000)];
    const [heard, answered] = await Promise.all([
      receive(peer, theirs),
      receive(end, mine),
      sendAll(end, mine, there),
      sendAll(peer, theirs, back),
    ]);
    assert.ok(heard.equals(there) && answered.equals(back), 'the bytes that came are not those that were sent');
  }
}

async function notASocket(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  for (const { fd } of [fixtures.eventfd(), fixtures.pipe().reader, fixtures.tempFile('content')]) {
    assert.throws(() => driver.newDynSocketReady(fd), isSystemError('ENOTSOCK'));
  }
}

const rule = ruleOf('socket', 'sockets');

/** The rules of what sockets are used for. */
export const socketRules: readonly Rule[] = [
  rule(
    'half-close',
    'What is written before a half-close arrives, then the end; the other direction goes on',
    halfClose,
  ),
  rule(
    'accept-and-connect',
    'A listener is readable when a connection waits, a connection writable when made',
    acceptAndConnect,
  ),
  rule('refused', 'What is refused completes the poll with ERR or HUP, and SO_ERROR tells the cause', refused),
  rule('peek', 'Peeking leaves the bytes and the readiness', peek),
  rule('empty-read', 'A read of no bytes gives 0 at once, and takes neither bytes nor readiness', emptyRead),
  rule('both-ways', 'Four million bytes go each way at the same time', bothWays),
  rule('not-a-socket', 'What is no socket is refused with ENOTSOCK', notASocket),
];
