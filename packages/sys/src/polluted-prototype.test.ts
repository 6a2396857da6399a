import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PollEvents } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from './descriptors/close.js';
import { pidfdOpen, waitPidfd } from './events/pidfd.js';
import { pipe2 } from './files/pipe2.js';
import { poll } from './polling/poll.js';
import { recvmsg, sendmsg } from './sockets/message.js';
import { acceptWithAddress, bind, connect, getsockname, listen, socket } from './sockets/socket.js';
import { socketpair } from './sockets/socketpair.js';

/** Makes a call while each element that an array does not have yet is somebody else's to set. */
function polluted<T>(call: () => T): T {
  for (const index of [0, 1]) {
    Object.defineProperty(Object.prototype, index, { configurable: true, get: () => -1, set() {} });
  }
  try {
    return call();
  } finally {
    for (const index of [0, 1]) Reflect.deleteProperty(Object.prototype, index);
  }
}

/** What a call that makes descriptors gave, which are closed. */
function closed(fds: readonly number[]): readonly number[] {
  for (const fd of fds) close(fd);
  return fds;
}

test('a setter of a prototype does not get the ends of a pipe or of a socket pair', () => {
  assert.is(closed(polluted(() => pipe2())).length, 2);
  assert.is(closed(polluted(() => socketpair())).length, 2);
});

test('a setter of a prototype does not get an accepted connection', () => {
  const listener = socket('ipv4', 'stream');
  bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  listen(listener);
  const client = socket('ipv4', 'stream', { nonblock: false });
  connect(client, getsockname(listener));
  const { fd, address } = polluted(() => acceptWithAddress(listener));
  assert.equal(address, getsockname(client));
  closed([fd, client, listener]);
});

test('a setter of a prototype does not get the descriptors of a message', () => {
  const [one, other] = socketpair();
  sendmsg(one, { buffers: [Buffer.alloc(1)], fds: [one, other] });
  const buffers = [Buffer.alloc(1)];
  const { fds } = polluted(() => recvmsg(other, { buffers, maximumFds: 2 }));
  assert.is(fds.length, 2);
  closed([...fds, one, other]);
});

test('a setter of a prototype does not get how a process ended', async () => {
  const child = spawn('false', { stdio: 'ignore' });
  const pidfd = pidfdOpen(child.pid as number);
  const exit = once(child, 'exit');
  // Node.js reaps it in a later turn of the loop.
  poll(Int32Array.of(pidfd, PollEvents.IN, 0), -1);
  assert.equal(
    polluted(() => waitPidfd(pidfd)),
    { exitCode: 1, signal: null },
  );
  await exit;
  close(pidfd);
});

test.run();
