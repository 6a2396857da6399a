import { fstatSync } from 'node:fs';
import { Errno, MAXIMUM_MESSAGE_FDS, MSG_CTRUNC, MSG_EOR, MSG_PEEK, MSG_TRUNC } from '@polyring/core';
import { isCloseOnExec, openDescriptors, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SO_PASSCRED, SOL_SOCKET } from '../constants/socket-option.js';
import { close } from '../descriptors/close.js';
import { eventfd } from '../events/eventfd.js';
import { pipe2 } from '../files/pipe2.js';
import { read, write } from '../files/read-write.js';
import { readv, tryReadv, tryWritev, writev } from '../files/vectored.js';
import { recvmsg, sendmsg, tryRecvmsg, trySendmsg } from './message.js';
import { bind, getsockname, socket } from './socket.js';
import { setsockopt } from './socket-option.js';
import { type SocketpairOptions, socketpair } from './socketpair.js';

const { EAGAIN, EBADF, EFAULT } = Errno;
const BYTE = Buffer.from('x');

/** Runs a body with a socket pair, and checks that afterwards as many descriptors are open as before. */
function withPair(options: SocketpairOptions, body: (left: number, right: number) => void): void {
  const before = openDescriptors();
  const [left, right] = socketpair(options);
  try {
    body(left, right);
  } finally {
    close(left);
    close(right);
  }
  assert.is(openDescriptors(), before);
}

test('several views are written and read in one call', () => {
  const [from, to] = pipe2();
  assert.is(writev(to, [Buffer.from('abc'), Buffer.alloc(0), Buffer.from('defgh')]), 8);
  const views = [Buffer.alloc(2, '.'), new Uint16Array(2), Buffer.alloc(4, '.')];
  assert.is(readv(from, views), 8);
  assert.is(
    Buffer.concat(views.map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength))).toString(),
    'abcdefgh..',
  );
  throws(() => readv(from, views), 'EAGAIN');
  close(from);
  close(to);
});

test('as many views as the kernel takes are taken, and one more is refused', () => {
  const [readFd, writeFd] = pipe2();
  const many = Array.from({ length: 1024 }, (_, index) => Buffer.of(index & 0xff));
  assert.is(writev(writeFd, many), 1024);
  const target = Array.from({ length: 1024 }, () => Buffer.alloc(1));
  assert.is(readv(readFd, target), 1024);
  assert.equal(Buffer.concat(target), Buffer.concat(many));
  throws(() => writev(writeFd, [...many, BYTE]), 'ERR_OUT_OF_RANGE');
  throws(() => writev(writeFd, [BYTE, 'x' as never]), 'ERR_INVALID_ARG_TYPE');
  throws(() => readv(readFd, BYTE as never), 'ERR_INVALID_ARG_TYPE');
  close(readFd);
  close(writeFd);
});

test('a descriptor that is passed refers to the same open file, and is close-on-exec', () => {
  for (const type of ['stream', 'dgram', 'seqpacket'] as const) {
    withPair({ type }, (left, right) => {
      const event = eventfd(5);
      assert.is(sendmsg(left, { buffers: [Buffer.from('he'), Buffer.from('llo')], fds: [event] }), 5);
      close(event);
      const target = [Buffer.alloc(3), Buffer.alloc(3)];
      const { bytes, fds, flags } = recvmsg(right, { buffers: target, maximumFds: 4 });
      assert.is(bytes, 5);
      assert.is(flags & ~MSG_EOR, 0);
      assert.is(Buffer.concat(target).toString('latin1', 0, 5), 'hello');
      assert.is(fds.length, 1);
      assert.ok(isCloseOnExec(fds[0]!));
      const count = new BigUint64Array(1);
      read(fds[0]!, count);
      assert.is(count[0], 5n);
      close(fds[0]!);
    });
  }
});

test('descriptors beyond the room for them are dropped with MSG_CTRUNC, and none stays open', () => {
  for (const sent of [1, 2, 3, 4, 5, 17, MAXIMUM_MESSAGE_FDS]) {
    for (const room of [0, 1, 2, 3, sent - 1, sent].filter((each) => each <= sent)) {
      withPair({}, (left, right) => {
        const event = eventfd();
        sendmsg(left, { buffers: [BYTE], fds: new Array<number>(sent).fill(event) });
        const { fds, flags } = recvmsg(right, { buffers: [Buffer.alloc(1)], maximumFds: room });
        assert.is(fds.length, room, `${sent} sent, room for ${room}`);
        assert.is((flags & MSG_CTRUNC) !== 0, room < sent);
        assert.is(new Set(fds).size, room);
        for (const fd of fds) assert.is(fstatSync(fd).ino, fstatSync(event).ino);
        for (const fd of [event, ...fds]) close(fd);
      });
    }
  }
});

test('descriptors whose message is never received do not stay open', () => {
  withPair({}, (left) => {
    const event = eventfd();
    sendmsg(left, { buffers: [BYTE], fds: [event, event] });
    close(event);
  });
});

test('peeking gives descriptors as well, each time anew', () => {
  withPair({}, (left, right) => {
    sendmsg(left, { buffers: [BYTE], fds: [left], address: undefined, flags: undefined });
    const peeked = recvmsg(right, { buffers: [Buffer.alloc(1)], maximumFds: 1, flags: MSG_PEEK });
    const received = recvmsg(right, { buffers: [Buffer.alloc(1)], maximumFds: 1, flags: undefined });
    assert.is(new Set([...peeked.fds, ...received.fds]).size, 2);
    for (const fd of [...peeked.fds, ...received.fds]) close(fd);
  });
});

test('credentials that come beside descriptors do not disturb them', () => {
  const SO_PASSPIDFD = 76;
  withPair({}, (left, right) => {
    setsockopt(right, SOL_SOCKET, SO_PASSCRED, 1);
    try {
      setsockopt(right, SOL_SOCKET, SO_PASSPIDFD, 1);
    } catch (error) {
      // A kernel that does not know it.
      assert.is((error as NodeJS.ErrnoException).code, 'ENOPROTOOPT');
    }
    for (const room of [1, 2, 8, 64]) {
      sendmsg(left, { buffers: [BYTE], fds: [left] });
      const { bytes, fds } = recvmsg(right, { buffers: [Buffer.alloc(1)], maximumFds: room });
      assert.is(bytes, 1);
      assert.ok(fds.length <= 1);
      for (const fd of fds) close(fd);
    }
  });
});

test('datagrams carry addresses both ways', () => {
  const server = socket('ipv4', 'dgram');
  const client = socket('ipv4', 'dgram');
  bind(server, { address: '127.0.0.1', port: 0 });
  bind(client, { address: '127.0.0.1', port: 0 });
  assert.is(sendmsg(client, { buffers: [Buffer.from('question')], address: getsockname(server) }), 8);
  const target = Buffer.alloc(4);
  const question = recvmsg(server, { buffers: [target] });
  assert.equal(question.address, getsockname(client));
  assert.is(question.bytes, 4);
  assert.is(question.flags, MSG_TRUNC);
  assert.is(sendmsg(server, { buffers: [], address: question.address! }), 0);
  assert.equal(recvmsg(client, { buffers: [target] }), { bytes: 0, fds: [], address: getsockname(server), flags: 0 });
  close(server);
  close(client);
});

test('a stream has no address to give', () => {
  withPair({}, (left, right) => {
    write(left, BYTE);
    assert.is(recvmsg(right, { buffers: [Buffer.alloc(1)] }).address, undefined);
  });
});

test('the trying forms answer the negative error number', () => {
  withPair({}, (left, right) => {
    assert.is(tryRecvmsg(right, { buffers: [BYTE] }), EAGAIN);
    const event = eventfd();
    close(event);
    assert.is(trySendmsg(left, { buffers: [BYTE], fds: [event] }), EBADF);
    throws(() => sendmsg(left, { buffers: [BYTE], fds: [event] }), 'EBADF');
    throws(() => recvmsg(right, { buffers: [BYTE] }), 'EAGAIN');
  });
});

test('an array that is a proxy is refused before the call', () => {
  withPair({ type: 'dgram' }, (left, right) => {
    const buffers = new Proxy([BYTE], {});
    assert.is(trySendmsg(left, { buffers, fds: [left] }), EFAULT);
    assert.is(tryRecvmsg(right, { buffers: [Buffer.alloc(1)] }), EAGAIN);
    assert.is(tryWritev(left, buffers), EFAULT);
    assert.is(tryReadv(right, buffers), EFAULT);
  });
});

test('wrong arguments are refused before the call', () => {
  withPair({}, (left, right) => {
    const tooMany = new Array<number>(MAXIMUM_MESSAGE_FDS + 1).fill(left);
    throws(() => sendmsg(left, { buffers: [BYTE], fds: tooMany }), 'ERR_OUT_OF_RANGE');
    throws(() => sendmsg(left, { buffers: [BYTE], fds: [-1] }), 'ERR_OUT_OF_RANGE');
    throws(() => sendmsg(left, { buffers: [BYTE], fds: 3 as never }), 'ERR_INVALID_ARG_TYPE');
    throws(() => sendmsg(left, { buffers: BYTE as never }), 'ERR_INVALID_ARG_TYPE');
    throws(() => recvmsg(right, { buffers: [BYTE], maximumFds: 254 }), 'ERR_OUT_OF_RANGE');
    throws(() => recvmsg(right, { buffers: [BYTE], flags: 0.5 }), 'ERR_OUT_OF_RANGE');
  });
});

test.run();
