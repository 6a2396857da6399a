import {
  Entry,
  type InetAddress,
  IORING_OP_FIXED_FD_INSTALL,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IORING_RECV_MULTISHOT,
  IORING_RECVSEND_BUNDLE,
  IOSQE_BUFFER_SELECT,
  nop,
  provideBuffers,
  readMultishot,
  recvMultishot,
  recvmsgMultishot,
  recvSelected,
  SELECTED_MESSAGE_HEAD,
  SelectedMessage,
} from '@polyring/core';
import {
  bind,
  close,
  getsockname,
  MSG_TRUNC,
  MSG_WAITALL,
  shutdown,
  socket,
  socketpair,
  tryRecv,
  trySendmsg,
  write,
} from '@polyring/sys';
import { throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { bufferRingSuite, take } from './buffer-ring-suite.test-support.js';

const test = bufferRingSuite('selected buffers');

function datagramSocket(): { fd: number; address: InetAddress } {
  const fd = socket('ipv4', 'dgram');
  bind(fd, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  return { fd, address: getsockname(fd) as InetAddress };
}

testWith(
  test,
  ['bufferRing'],
  'a receive into a selected buffer brings one completion and leaves the rest',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 4 });
    write(far, Buffer.from('abcdefgh'));
    const entry = recvSelected(near, buffers);
    for (const part of ['abcd', 'efgh']) {
      const receiving = driver.multishot(entry);
      const { result, bytes } = await take(receiving);
      assert.is(result, 4);
      assert.is(String(bytes), part);
      assert.is(buffers.available, 1);
      assert.is((await receiving.next()).done, true);
      assert.is(buffers.available, 2, 'the buffer went back');
    }
    const last = driver.multishot(entry);
    shutdown(far, 'write');
    assert.is((await last.next()).done, true, 'the end of a stream is no completion');
  },
);

testWith(
  test,
  ['bufferRing'],
  'a receive that has to be whole fills its buffer and no other memory, or is refused',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 4096 });
    const others = Array.from({ length: 64 }, () => driver.allocate(4096));
    const entry = recvSelected(near, buffers, { flags: MSG_WAITALL });
    if (!driver.ioUringProbe(IORING_OP_FIXED_FD_INSTALL)) {
      throws(() => driver.multishot(entry), 'ERR_POLYRING_UNSUPPORTED');
      return;
    }
    const receiving = take(driver.multishot(entry));
    await driver.ioUringSubmit(nop());
    write(far, Buffer.alloc(96, 1));
    await driver.ioUringSubmit(nop());
    write(far, Buffer.alloc(12_000, 2));
    const { result, bytes } = await receiving;
    assert.is(result, 4096);
    assert.equal(bytes, Buffer.concat([Buffer.alloc(96, 1), Buffer.alloc(4000, 2)]));
    assert.ok(others.every((memory) => memory.bytes.every((byte) => byte === 0)));
    for (const memory of others) memory.release();
  },
);

testWith(test, ['bufferRing'], 'without a buffer a receive waits for one', async ({ driver, near, far }) => {
  await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 4 });
  write(far, Buffer.from('abcdefgh'));
  const first = driver.multishot(recvSelected(near, buffers));
  const completion = await take(first);
  const second = driver.multishot(recvSelected(near, buffers));
  let hasCome = false;
  const next = take(second).then(({ bytes }) => {
    hasCome = true;
    return String(bytes);
  });
  for (let count = 0; count < 5; count += 1) await driver.ioUringSubmit(nop());
  assert.is(hasCome, false);
  completion.release();
  assert.is(await next, 'efgh');
  await second.return();
});

testWith(
  test,
  ['bufferRing'],
  'leaving a receive that nothing came to consumes nothing',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 4 });
    const receiving = driver.multishot(recvSelected(near, buffers));
    await driver.ioUringSubmit(nop());
    await receiving.return();
    write(far, Buffer.from('later'));
    assert.is(tryRecv(near, Buffer.alloc(8)), 5);
    assert.is(buffers.available, 1);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'one operation receives messages with their senders',
  async ({ driver }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: SELECTED_MESSAGE_HEAD + 8 });
    const receiver = datagramSocket();
    const senders = [datagramSocket(), datagramSocket()];
    const messages = driver.multishot(recvmsgMultishot(receiver.fd, buffers));
    // More than there are buffers, one of them empty and one too long.
    const texts = ['one', '', 'three', 'too long by far', 'five', 'six', 'seven'];
    for (const [index, text] of texts.entries()) {
      const sender = senders[index % 2] as { fd: number; address: InetAddress };
      trySendmsg(sender.fd, { buffers: [Buffer.from(text)], address: receiver.address });
      const { bytes } = await take(messages);
      const message = new SelectedMessage(bytes as Buffer);
      assert.equal(message.address, sender.address);
      assert.is(String(message.bytes), text.slice(0, 8));
      assert.is(message.flags & MSG_TRUNC, text.length > 8 ? MSG_TRUNC : 0);
    }
    await messages.return();
    assert.is(buffers.available, 4);
    for (const { fd } of [receiver, ...senders]) close(fd);
  },
);

testWith(test, ['bufferRing', 'recvMultishot'], 'messages of a stream end with it', async ({ driver, near, far }) => {
  await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 1000 });
  const messages = driver.multishot(recvmsgMultishot(near, buffers));
  write(far, Buffer.from('all of it'));
  const message = new SelectedMessage((await take(messages)).bytes as Buffer);
  assert.is(String(message.bytes), 'all of it');
  shutdown(far, 'write');
  assert.is((await messages.next()).done, true);
  assert.is(buffers.available, 4);
});

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'buffers without room for a message are refused',
  async ({ driver, near }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: SELECTED_MESSAGE_HEAD });
    assert.throws(
      () => driver.multishot(recvmsgMultishot(near, buffers)),
      /more than 144, which is what stands before/,
    );
  },
);

test('what is no message is refused', () => {
  assert.throws(() => new SelectedMessage(Buffer.alloc(8)), /at least 144/);
  assert.throws(() => new SelectedMessage(new Uint8Array(200) as never), /an instance of Buffer/);
});

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'of a datagram that is longer than its buffer the bytes are what the buffer holds',
  async ({ driver }) => {
    const { fd, address } = datagramSocket();
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 64 });
    // It stands behind the buffers.
    using other = driver.allocate(64);
    other.bytes.fill('other');
    const datagram = Buffer.alloc(100, 'd');
    await using receives = driver.multishot(recvMultishot(fd, buffers, { flags: MSG_TRUNC }));
    for (const receiving of [receives, driver.multishot(recvSelected(fd, buffers, { flags: MSG_TRUNC }))]) {
      trySendmsg(fd, { buffers: [datagram], address });
      const { result, bytes } = await take(receiving);
      assert.is(result, datagram.length);
      assert.is(String(bytes), 'd'.repeat(64));
      await receiving.return();
    }
    assert.is(buffers.available, 2);
    close(fd);
  },
);

testWith(
  test,
  ['incrementalBuffers'],
  'an incremental ring, whose last rest may have no room for a message, refuses messages',
  async ({ driver, near }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 256, incremental: true });
    const datagrams = datagramSocket().fd;
    const [packets, peer] = socketpair({ type: 'seqpacket' });
    const slot = driver.ioUring.fileTable().add(datagrams);
    for (const entry of [
      recvMultishot(datagrams, buffers),
      recvMultishot(slot, buffers, { fixedFile: true }),
      recvMultishot(packets, buffers),
      recvSelected(datagrams, buffers),
      readMultishot(datagrams, buffers),
      recvmsgMultishot(near, buffers),
      recvMultishot(near, buffers, { flags: MSG_TRUNC }),
    ]) {
      assert.throws(() => driver.multishot(entry), /Use a ring that is not incremental/);
    }
    await driver.multishot(recvMultishot(near, buffers)).return();
    for (const fd of [datagrams, packets, peer]) close(fd);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a bundle, which is one completion for several buffers, is refused',
  async ({ driver, near }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 16 });
    using memory = driver.allocate(64);
    const provided = buffers.group + 1;
    await driver.ioUringSubmit(provideBuffers(memory.bytes, provided, { count: 4 }));
    for (const [opcode, bufIndex, more] of [
      [IORING_OP_RECV, buffers.group, 0],
      [IORING_OP_RECV, buffers.group, IORING_RECV_MULTISHOT],
      [IORING_OP_RECV, provided, 0],
      [IORING_OP_SEND, provided, 0],
    ] as const) {
      const ioprio = IORING_RECVSEND_BUNDLE | more;
      const entry = Entry.unsafe({ opcode, fd: near, flags: IOSQE_BUFFER_SELECT, ioprio, bufIndex });
      assert.throws(
        () => driver.multishot(entry),
        (error: NodeJS.ErrnoException) =>
          error.code === 'ERR_POLYRING_UNSUPPORTED' && /without IORING_RECVSEND_BUNDLE/.test(error.message),
      );
    }
  },
);

runWhereGranted(test);
