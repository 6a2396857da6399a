import assert from 'node:assert/strict';
import { constants, existsSync, fstatSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AT_SYMLINK_NOFOLLOW,
  accept,
  after,
  bind,
  close,
  connect,
  type Driver,
  fallocate,
  ftruncate,
  futexWait,
  futexWaitv,
  futexWake,
  type InetAddress,
  IORING_OP_ACCEPT,
  IORING_OP_ASYNC_CANCEL,
  IORING_OP_BIND,
  IORING_OP_CLOSE,
  IORING_OP_CONNECT,
  IORING_OP_FALLOCATE,
  IORING_OP_FTRUNCATE,
  IORING_OP_FUTEX_WAIT,
  IORING_OP_FUTEX_WAITV,
  IORING_OP_FUTEX_WAKE,
  IORING_OP_LINKAT,
  IORING_OP_LISTEN,
  IORING_OP_MKDIRAT,
  IORING_OP_OPENAT,
  IORING_OP_POLL_ADD,
  IORING_OP_POLL_REMOVE,
  IORING_OP_RECV,
  IORING_OP_RECVMSG,
  IORING_OP_RENAMEAT,
  IORING_OP_SEND,
  IORING_OP_SEND_ZC,
  IORING_OP_SENDMSG,
  IORING_OP_SHUTDOWN,
  IORING_OP_SOCKET,
  IORING_OP_SPLICE,
  IORING_OP_STATX,
  IORING_OP_SYMLINKAT,
  IORING_OP_TEE,
  IORING_OP_TIMEOUT,
  IORING_OP_TIMEOUT_REMOVE,
  IORING_OP_UNLINKAT,
  IORING_OP_WAITID,
  isPolyringError,
  linkat,
  listen,
  MessageResult,
  mkdirat,
  now,
  openat,
  PollEvents,
  pollAdd,
  pollMultishot,
  pollRemove,
  pollUpdate,
  recv,
  recvmsg,
  renameat,
  SocketAddressResult,
  StatxResult,
  send,
  sendmsg,
  sendZc,
  shutdown,
  socket,
  splice,
  statx,
  symlinkat,
  tee,
  timeout,
  timeoutRemove,
  timeoutUpdate,
  unlinkat,
  WaitidResult,
  waitid,
} from '@polyring/core';
import { getsockname, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET, setsockopt } from '@polyring/sys';
import { Descriptor } from '../fixtures/descriptor.js';
import { StreamEnd } from '../fixtures/stream-end.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const { O_CREAT, O_EXCL, O_RDWR } = constants;
const { IN, OUT } = PollEvents;
const LOOPBACK = { address: '127.0.0.1', port: 0 };
const HOUR = 3_600_000;

/** Keeps a descriptor that an operation made. */
function opened(context: RuleContext, fd: number): StreamEnd {
  return context.fixtures.keep(new StreamEnd(fd));
}

async function sockets(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const listener = context.fixtures.listener();
  const address = getsockname(listener.fd) as InetAddress;
  const peer = new SocketAddressResult();
  const entry = accept(listener.fd, { peer });
  // An entry is as good the second time.
  for (const round of [0, 1]) {
    const client = opened(context, await driver.ioUringSubmit(socket('ipv4', 'stream')));
    const accepting = driver.ioUringSubmit(entry);
    assert.equal(await driver.ioUringSubmit(connect(client.fd, address)), 0);
    const server = opened(context, await accepting);
    assert.deepEqual(peer.address, getsockname(client.fd), `connection ${round} came from another address`);
    const sent = context.random.bytes(1000);
    const received = Buffer.alloc(2000);
    const receiving = driver.ioUringSubmit(recv(server.fd, received));
    assert.equal(await driver.ioUringSubmit(send(client.fd, sent)), 1000);
    assert.equal(await receiving, 1000);
    assert.ok(received.subarray(0, 1000).equals(sent), 'the bytes received are not those that were sent');
    assert.equal(await driver.ioUringSubmit(shutdown(client.fd, 'write')), 0);
    assert.equal(await driver.ioUringSubmit(recv(server.fd, received)), 0);
  }
  listener.close();
  const refused = opened(context, await driver.ioUringSubmit(socket('ipv4', 'stream')));
  await assert.rejects(driver.ioUringSubmit(connect(refused.fd, address)), isSystemError('ECONNREFUSED'));
}

async function listens(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const listener = opened(context, await driver.ioUringSubmit(socket('ipv4', 'stream')));
  assert.equal(await driver.ioUringSubmit(bind(listener.fd, LOOPBACK)), 0);
  const address = getsockname(listener.fd) as InetAddress;
  assert.notEqual(address.port, 0, 'a socket was not bound');
  const client = opened(context, await driver.ioUringSubmit(socket('ipv4', 'stream')));
  assert.equal(await driver.ioUringSubmit(listen(listener.fd, 16)), 0);
  assert.equal(await driver.ioUringSubmit(connect(client.fd, address)), 0);
}

async function messages(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [one, other] = context.fixtures.socketPair();
  const pieces = [context.random.bytes(10), context.random.bytes(3000), context.random.bytes(1)];
  const file = context.fixtures.tempFile('passed on');
  const result = new MessageResult({ maximumFds: 2 });
  const into = [Buffer.alloc(5), Buffer.alloc(4000)];
  const receiving = driver.ioUringSubmit(recvmsg(other.fd, into, result));
  const message = sendmsg(one.fd, { buffers: pieces, fds: [file.fd] });
  assert.equal(await driver.ioUringSubmit(message), 3011);
  assert.equal(await receiving, 3011);
  const [fd = -1, ...more] = result.fds;
  assert.equal(more.length, 0);
  assert.equal(readFileSync(opened(context, fd).fd, 'utf8'), 'passed on', 'another descriptor came');
  assert.ok(Buffer.concat(into).subarray(0, 3011).equals(Buffer.concat(pieces)), 'other bytes came');
}

async function files(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { path } = context.fixtures.tempDir();
  const name = join(path, 'ünïcode');
  const made = opened(context, await driver.ioUringSubmit(openat(name, O_CREAT | O_EXCL | O_RDWR, { mode: 0o600 })));
  assert.equal(fstatSync(made.fd).mode & 0o777, 0o600);
  const again = driver.ioUringSubmit(openat(name, O_CREAT | O_EXCL | O_RDWR));
  await assert.rejects(again, isSystemError('EEXIST'));
  await assert.rejects(driver.ioUringSubmit(openat(join(path, 'nothing'), O_RDWR)), isSystemError('ENOENT'));
  const tail = 12_345;
  assert.equal(await driver.ioUringSubmit(fallocate(made.fd, 100_000, tail)), 0);
  assert.equal(fstatSync(made.fd).size, 100_000 + tail);
  const result = new StatxResult();
  assert.equal(await driver.ioUringSubmit(statx(name, result)), 0);
  const { ino, size } = statSync(name);
  assert.deepEqual([result.ino, result.size, result.mode & 0o777], [ino, size, 0o600]);
  assert.equal(await driver.ioUringSubmit(statx({ fd: made.fd }, result)), 0);
  assert.equal(result.ino, ino, 'a descriptor was asked for another file');
  const { fd } = new Descriptor(await driver.ioUringSubmit(openat(name, O_RDWR)));
  assert.equal(await driver.ioUringSubmit(close(fd)), 0);
}

async function cutsOff(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile('0123456789');
  for (const length of [3, 2 ** 32 + 7]) {
    assert.equal(await driver.ioUringSubmit(ftruncate(fd, length)), 0);
    assert.equal(fstatSync(fd).size, length, 'a file got another length than it was given');
  }
}

async function paths(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { path } = context.fixtures.tempDir();
  const at = (name: string): string => join(path, name);
  assert.equal(await driver.ioUringSubmit(mkdirat(at('folder'), { mode: 0o700 })), 0);
  assert.equal(statSync(at('folder')).mode & 0o777, 0o700);
  writeFileSync(at('file'), 'content');
  assert.equal(await driver.ioUringSubmit(linkat(at('file'), at('folder/link'))), 0);
  assert.equal(await driver.ioUringSubmit(symlinkat('../file', at('folder/symlink'))), 0);
  assert.equal(readlinkSync(at('folder/symlink')), '../file');
  const result = new StatxResult();
  await driver.ioUringSubmit(statx(at('folder/symlink'), result, { flags: AT_SYMLINK_NOFOLLOW }));
  assert.equal(result.size, '../file'.length, 'a link was followed though it should not be');
  assert.equal(await driver.ioUringSubmit(renameat(at('file'), at('folder/renamed'))), 0);
  assert.equal(existsSync(at('file')), false);
  assert.equal(readFileSync(at('folder/renamed'), 'utf8'), 'content');
  assert.equal(statSync(at('folder/link')).nlink, 2);
  for (const name of ['folder/renamed', 'folder/link', 'folder/symlink']) {
    assert.equal(await driver.ioUringSubmit(unlinkat(at(name))), 0);
  }
  await assert.rejects(driver.ioUringSubmit(unlinkat(at('folder'))), isSystemError('EISDIR', 'EPERM'));
  assert.equal(await driver.ioUringSubmit(unlinkat(at('folder'), { directory: true })), 0);
  assert.equal(existsSync(at('folder')), false);
}

async function splices(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const content = context.random.bytes(20_000);
  const source = fixtures.tempFile(content);
  const target = fixtures.tempFile('abc');
  const [first, second] = [fixtures.pipe(), fixtures.pipe()];
  const moved = driver.ioUringSubmit(splice(source.fd, first.writer.fd, 1000, { offsetIn: 5000 }));
  assert.equal(await moved, 1000);
  assert.equal(await driver.ioUringSubmit(tee(first.reader.fd, second.writer.fd, 600)), 600);
  assert.ok(second.reader.read()?.equals(content.subarray(5000, 5600)), 'other bytes were copied');
  assert.equal(await driver.ioUringSubmit(splice(first.reader.fd, target.fd, 1000, { offsetOut: 3 })), 1000);
  const expected = Buffer.concat([Buffer.from('abc'), content.subarray(5000, 6000)]);
  assert.ok(readFileSync(target.path).equals(expected), 'other bytes were moved, or to another place');
}

async function childEnds(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const child = context.fixtures.process(
    process.execPath,
    '--eval',
    'process.stdin.once("data", () => process.exit(7))',
  );
  const pidEnd = new WaitidResult();
  const waiting = driver.ioUringSubmit(waitid({ pid: child.pid }, pidEnd));
  await context.barrier(driver);
  child.tell('end');
  assert.equal(await waiting, 0);
  assert.deepEqual([pidEnd.pid, pidEnd.state, pidEnd.status], [child.pid, 'exited', 7]);
  assert.equal((await child.end()).code, 7, 'the end of a child was taken away from Node');
}

async function futexes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const memory = context.fixtures.keep(driver.allocate(4096));
  const wordAt = (offset: number): Int32Array =>
    new Int32Array(memory.bytes.buffer, memory.bytes.byteOffset + offset, 1);
  const [one, other] = [wordAt(0), wordAt(64)];
  await assert.rejects(driver.ioUringSubmit(futexWait(one, 5)), isSystemError('EAGAIN'));
  const waits = [driver.ioUringSubmit(futexWait(one, 0)), driver.ioUringSubmit(futexWait(one, 0))];
  const either = driver.ioUringSubmit(
    futexWaitv([
      { word: one, expected: 0 },
      { word: other, expected: 0 },
    ]),
  );
  await context.barrier(driver);
  assert.equal(await driver.ioUringSubmit(futexWake(other, 10)), 1);
  assert.equal(await either, 1, 'another futex was told as woken');
  assert.equal(await driver.ioUringSubmit(futexWake(one, 10)), 2);
  assert.deepEqual(await Promise.all(waits), [0, 0]);
}

/** The kernel loses such a poll, or not: a driver that cannot know refuses, and the poll goes on. */
async function changesPoll(context: RuleContext, driver: Driver, end: StreamEnd): Promise<void> {
  const poll = pollAdd(end.fd, IN);
  const polling = driver.ioUringSubmit(poll);
  await context.barrier(driver);
  try {
    assert.equal(await driver.ioUringSubmit(pollUpdate(poll, OUT)), 0);
  } catch (error) {
    if (!isPolyringError(error) || error.code !== 'ERR_POLYRING_UNSUPPORTED') throw error;
    const removed = assert.rejects(polling, isSystemError('ECANCELED'));
    assert.equal(await driver.ioUringSubmit(pollRemove(poll)), 0, 'a change that was refused ended the poll');
    await removed;
    return;
  }
  assert.ok((await polling) & OUT, 'a poll did not get the events that it was changed to');
}

async function changesMultishotPoll(context: RuleContext, driver: Driver, end: StreamEnd): Promise<void> {
  const poll = pollMultishot(end.fd, IN);
  const polls = driver.multishot(poll);
  const next = polls.next();
  await context.barrier(driver);
  assert.equal(await driver.ioUringSubmit(pollUpdate(poll, OUT)), 0);
  const { value } = await next;
  assert.ok((value?.result ?? 0) & OUT, 'a multishot poll did not get the events that it was changed to');
  await polls.return();
}

async function updates(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const waiting = timeout(HOUR);
  const expiring = assert.rejects(driver.ioUringSubmit(waiting), isSystemError('ETIME'));
  await context.barrier(driver);
  const deadline = after(5);
  assert.equal(await driver.ioUringSubmit(timeoutUpdate(waiting, { at: deadline })), 0);
  await expiring;
  assert.ok(now() >= deadline, `a timeout expired ${deadline - now()} ms early after it was changed`);
  const removed = assert.rejects(driver.ioUringSubmit(waiting), isSystemError('ECANCELED'));
  await context.barrier(driver);
  assert.equal(await driver.ioUringSubmit(timeoutRemove(waiting)), 0);
  await removed;
  await assert.rejects(driver.ioUringSubmit(timeoutRemove(waiting)), isSystemError('ENOENT'));

  const [end] = context.fixtures.socketPair();
  await changesPoll(context, driver, end);
  if (driver.ioUring.features.pollMultishot) await changesMultishotPoll(context, driver, end);
  const last = pollAdd(end.fd, IN);
  const ended = assert.rejects(driver.ioUringSubmit(last), isSystemError('ECANCELED'));
  await context.barrier(driver);
  assert.equal(await driver.ioUringSubmit(pollRemove(last)), 0);
  await ended;
}

async function sendsWithoutCopy(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [client, server] = context.fixtures.tcpPair();
  // All of it is taken at once, and the peer has room for less.
  setsockopt(client.fd, SOL_SOCKET, SO_SNDBUF, 1_000_000);
  setsockopt(server.fd, SOL_SOCKET, SO_RCVBUF, 10_000);
  const lent = context.fixtures.keep(driver.allocate(100_000));
  const foreign = Buffer.alloc(100_000);
  for (const bytes of [lent.bytes, foreign]) {
    context.random.bytes(bytes.length).copy(bytes);
    const sent = Buffer.from(bytes);
    const sending = driver.ioUringSubmit(sendZc(client.fd, bytes)).then((count) => {
      // From here on the memory is the caller's again: what is not acknowledged must not see this.
      bytes.fill(0);
      return count;
    });
    const received: Buffer[] = [];
    const length = (): number => received.reduce((sum, part) => sum + part.length, 0);
    let count = Number.POSITIVE_INFINITY;
    void sending.then((result) => (count = result));
    // Nobody receives yet, so that the kernel needs what the peer has no room for: a promise that settles now is early.
    await context.barrier(driver);
    while (length() < count) {
      const part = server.read();
      if (part === undefined) await context.barrier(driver);
      else received.push(part);
    }
    const bytesSent = sent.subarray(0, await sending);
    assert.ok(bytesSent.length > 0 && Buffer.concat(received).equals(bytesSent), 'other bytes came than were sent');
  }
}

const rule = ruleOf('operations', 'what-operations-do', { needs: 'ioUring' });

/** The rules of operations that work on more than the bytes of a file: addresses, paths, structures, other entries. */
export const operationRules: readonly Rule[] = [
  rule(
    'sockets',
    'Sockets are made, connected, accepted with the address of the peer, written, read and shut',
    sockets,
    {
      opcodes: [
        IORING_OP_SOCKET,
        IORING_OP_CONNECT,
        IORING_OP_ACCEPT,
        IORING_OP_SEND,
        IORING_OP_RECV,
        IORING_OP_SHUTDOWN,
      ],
    },
  ),
  rule('listen', 'A socket that was bound listens at its address', listens, {
    opcodes: [IORING_OP_SOCKET, IORING_OP_BIND, IORING_OP_LISTEN, IORING_OP_CONNECT],
  }),
  rule('messages', 'A message brings its pieces in order, and its descriptors', messages, {
    opcodes: [IORING_OP_SENDMSG, IORING_OP_RECVMSG],
  }),
  rule('files', 'Files are made, opened, asked, allocated and closed', files, {
    opcodes: [IORING_OP_OPENAT, IORING_OP_STATX, IORING_OP_FALLOCATE, IORING_OP_CLOSE],
  }),
  rule('ftruncate', 'Files are cut off and extended, to lengths of more than 32 bits too', cutsOff, {
    opcodes: [IORING_OP_FTRUNCATE],
  }),
  rule('paths', 'Directories and links are made, renamed and removed', paths, {
    opcodes: [
      IORING_OP_MKDIRAT,
      IORING_OP_LINKAT,
      IORING_OP_SYMLINKAT,
      IORING_OP_STATX,
      IORING_OP_RENAMEAT,
      IORING_OP_UNLINKAT,
    ],
  }),
  rule('splice', 'Bytes are moved and copied through pipes, from and to any offset', splices, {
    opcodes: [IORING_OP_SPLICE, IORING_OP_TEE],
  }),
  rule('waitid', 'The end of a child is told, and left to Node', childEnds, { opcodes: [IORING_OP_WAITID] }),
  rule('futex', 'A waiter of a futex is woken by that futex, and a waiter of several is told which', futexes, {
    opcodes: [IORING_OP_FUTEX_WAIT, IORING_OP_FUTEX_WAKE, IORING_OP_FUTEX_WAITV],
  }),
  rule('updates', 'Timeouts and polls in flight are changed and removed', updates, {
    opcodes: [
      IORING_OP_TIMEOUT,
      IORING_OP_TIMEOUT_REMOVE,
      IORING_OP_POLL_ADD,
      IORING_OP_POLL_REMOVE,
      IORING_OP_ASYNC_CANCEL,
    ],
  }),
  rule('send-zc', 'A send without a copy resolves when the memory may be changed', sendsWithoutCopy, {
    opcodes: [IORING_OP_SEND_ZC],
  }),
];
