import {
  type Completion,
  type CompletionSink,
  type Driver,
  Entry,
  Errno,
  IORING_CQE_F_BUF_MORE,
  IORING_OP_RECV,
  IORING_OP_SEND,
  IOSQE_BUFFER_SELECT,
  nop,
  provideBuffers,
  readMultishot,
  recvMultishot,
  recvSelected,
  removeBuffers,
} from '@polyring/core';
import {
  close,
  MSG_DONTWAIT,
  MSG_WAITALL,
  pipe2,
  SO_SNDBUF,
  SOL_SOCKET,
  setsockopt,
  shutdown,
  socketpair,
  tryRecv,
  write,
} from '@polyring/sys';
import { rejects, throws } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { uringBackend } from '../factory.js';
import { BUF_STATUS_WORDS, IORING_REGISTER_PBUF_RING, IORING_REGISTER_PBUF_STATUS } from '../kernel/abi.js';
import { loadBinding } from '../kernel/binding.js';
import { kernelThat } from '../kernel/other-kernel.test-support.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { bufferRingSuite, take } from './buffer-ring-suite.test-support.js';

const test = bufferRingSuite('buffer ring');

async function someTurns(driver: Driver): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await driver.ioUringSubmit(nop());
}

/** Whether the kernel says which groups it has: since Linux 6.8. It has none in a ring that was just made. */
function tellsOfGroups(): boolean {
  const ring = new (loadBinding().Ring)(1, 2, 0);
  const tells = ring.register(IORING_REGISTER_PBUF_STATUS, new Uint32Array(BUF_STATUS_WORDS), 1) === Errno.ENOENT;
  ring.close();
  if (!tells) console.log('skipped: Linux 6.8 and later say which groups of buffers they have');
  return tells;
}

/** Keeps every completion until the test lets go of it. */
class Keeper implements CompletionSink {
  readonly kept: Completion[] = [];
  readonly end: Promise<Error | undefined>;
  ended: (error: Error | undefined) => void = () => {};

  constructor() {
    this.end = new Promise((resolve) => {
      this.ended = resolve;
    });
  }

  completed(completion: Completion): void {
    this.kept.push(completion);
  }

  get text(): string {
    return this.kept.map(({ bytes }) => bytes?.toString()).join();
  }
}

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a receive fills buffers that the kernel selects, and ends with the stream',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 512 });
    const received: string[] = [];
    write(far, Buffer.from('message 0'));
    for await (const { bytes, result } of driver.multishot(recvMultishot(near, buffers))) {
      assert.is(bytes?.length, result);
      received.push(String(bytes));
      if (received.length < 20) write(far, Buffer.from(`message ${received.length}`));
      else shutdown(far, 'write');
    }
    assert.equal(
      received,
      Array.from({ length: 20 }, (_, index) => `message ${index}`),
    );
    assert.is(buffers.available, 4);
  },
);

testWith(test, ['bufferRing', 'recvMultishot'], 'one ring serves many sockets', async ({ driver }) => {
  await using buffers = driver.ioUring.bufferRing({ entries: 8, bufferSize: 64 });
  const pairs = Array.from({ length: 50 }, () => socketpair({ nonblock: false }));
  const echoes = pairs.map(async ([near]) => {
    for await (const { bytes } of driver.multishot(recvMultishot(near, buffers))) {
      await driver.ioUringSubmit(sendAll(near, bytes as Buffer));
    }
  });
  const reply = Buffer.alloc(64);
  for (let round = 0; round < 5; round += 1) {
    for (const [index, [, far]] of pairs.entries()) write(far, Buffer.from(`${round} of ${index}`));
    for (const [index, [, far]] of pairs.entries()) {
      let length = tryRecv(far, reply, 0, 64, MSG_DONTWAIT);
      for (; length < 0; length = tryRecv(far, reply, 0, 64, MSG_DONTWAIT)) await someTurns(driver);
      assert.is(reply.subarray(0, length).toString(), `${round} of ${index}`);
    }
  }
  for (const [, far] of pairs) shutdown(far, 'write');
  await Promise.all(echoes);
  for (const fd of pairs.flat()) close(fd);
  assert.is(buffers.available, 8);
});

function sendAll(fd: number, bytes: Buffer): Entry {
  return Entry.unsafe({ opcode: IORING_OP_SEND, fd, len: bytes.length, opFlags: MSG_WAITALL, buffer: bytes });
}

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'with no buffer left it waits, and goes on when buffers are released',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 1 });
    const keeper = new Keeper();
    driver.ioUring.multishotInto(recvMultishot(near, buffers), keeper);
    write(far, Buffer.from('abcdefgh'));
    await someTurns(driver);
    assert.is(keeper.text, 'a,b');
    assert.is(buffers.available, 0);
    for (let index = 0; index < 8; index += 1) {
      keeper.kept[index]?.release();
      await someTurns(driver);
    }
    assert.is(keeper.kept.length, 8);
    shutdown(far, 'write');
    assert.is(await keeper.end, undefined);
    assert.is(buffers.available, 2);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'with no buffer left others wait as well, and all go on',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
    const [near2, far2] = socketpair({ nonblock: false });
    const holder = new Keeper();
    driver.ioUring.multishotInto(recvMultishot(near, buffers), holder);
    write(far, Buffer.from('held'));
    await someTurns(driver);
    const waiting = driver.multishot(recvMultishot(near2, buffers));
    write(far2, Buffer.from('waited'));
    await someTurns(driver);
    holder.kept[0]?.release();
    assert.is(String((await take(waiting)).bytes), 'waited');
    await waiting.return();
    write(far, Buffer.from('again'));
    await someTurns(driver);
    assert.is(String(holder.kept[1]?.bytes), 'again');
    close(near2);
    close(far2);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'bytes are the same object until they are released, also where others stand in the same buffer',
  async (context) => {
    const { driver, near, far } = context;
    const incremental = driver.ioUring.features.incrementalBuffers;
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 64, incremental });
    const keeper = new Keeper();
    driver.ioUring.multishotInto(recvMultishot(near, buffers), keeper);
    for (const message of ['one', 'second']) {
      write(far, Buffer.from(message));
      await someTurns(driver);
    }
    const [first, second] = keeper.kept;
    const { bytes } = first as Completion;
    assert.is(String(second?.bytes), 'second');
    assert.is(first?.bytes, bytes);
    first?.release();
    assert.is(first?.bytes, undefined);
    second?.release();
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'what was received may be released when the driver is gone',
  async ({ driver, near, far }) => {
    const keeper = new Keeper();
    driver.ioUring.multishotInto(recvMultishot(near, driver.ioUring.bufferRing({ entries: 4, bufferSize: 8 })), keeper);
    write(far, Buffer.from('left'));
    await someTurns(driver);
    await driver.close();
    keeper.kept[0]?.release();
    assert.is(keeper.kept[0]?.bytes, undefined);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a loop whose body closes the driver ends with that',
  async ({ driver, near, far }) => {
    const buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 8 });
    write(far, Buffer.from('last'));
    let ended: unknown;
    try {
      for await (const _ of driver.multishot(recvMultishot(near, buffers))) await driver.close();
    } catch (error) {
      ended = (error as NodeJS.ErrnoException).code;
    }
    assert.is(ended, 'ERR_POLYRING_CLOSED');
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'leaving the loop gives the buffers back',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 16, bufferSize: 8 });
    write(far, Buffer.alloc(100));
    for await (const _ of driver.multishot(recvMultishot(near, buffers))) {
      await someTurns(driver);
      assert.ok(buffers.available < 16);
      break;
    }
    assert.is(buffers.available, 16);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a send of the received bytes may go on behind the loop body',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 4096 });
    const [target, sink] = socketpair({ nonblock: false });
    setsockopt(target, SOL_SOCKET, SO_SNDBUF, 4096);
    const sends: Promise<number>[] = [];
    const received = driver.multishot(recvMultishot(near, buffers));
    for (let round = 0; round < 8; round += 1) {
      write(far, Buffer.alloc(4096, 65 + round));
      const { value } = await received.next();
      sends.push(driver.ioUringSubmit(sendAll(target, value?.bytes as Buffer)));
      await someTurns(driver);
      if (buffers.available === 0) break;
    }
    assert.ok(sends.length >= 4 && buffers.available < 4, 'sends that wait keep their buffers');
    void received.next();
    const got = Buffer.alloc(4096 * sends.length);
    for (let at = 0; at < got.length; ) {
      at += Math.max(tryRecv(sink, got, at, got.length - at, MSG_DONTWAIT), 0);
      await someTurns(driver);
    }
    for (const [round, send] of sends.entries()) {
      assert.is(await send, 4096);
      assert.is(got.filter((byte) => byte === 65 + round).length, 4096);
    }
    await received.return();
    assert.is(buffers.available, 4);
    close(target);
    close(sink);
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'released bytes are gone, and operations on them are refused',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 2, bufferSize: 16 });
    const received = driver.multishot(recvMultishot(near, buffers));
    write(far, Buffer.from('x'));
    const completion = await take(received);
    const bytes = completion.bytes as Buffer;
    completion.release();
    completion.release();
    assert.is(completion.bytes, undefined);
    assert.is(buffers.available, 2);
    await driver.ioUringSubmit(sendAll(near, bytes)).then(
      () => assert.unreachable(),
      (error) => assert.is(error.code, 'ERR_POLYRING_RELEASED'),
    );
    await received.return();
  },
);

testWith(
  test,
  ['incrementalBuffers'],
  'an incremental ring fills a buffer bit by bit, for one operation at a time',
  async ({ driver, near, far }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 8, bufferSize: 64, incremental: true });
    const keeper = new Keeper();
    const control = driver.ioUring.multishotInto(recvMultishot(near, buffers), keeper);
    throws(() => driver.multishot(recvMultishot(near, buffers)), 'ERR_POLYRING_IN_USE');
    const sent: string[] = [];
    for (let index = 0; index < 40; index += 1) {
      const message = `message ${index}`.padEnd(10 + (index % 7), '.');
      sent.push(message);
      write(far, Buffer.from(message));
      await someTurns(driver);
      // Two completions are always held, so that a buffer is in several hands.
      if (keeper.kept.length > 4)
        assert.is(String(keeper.kept.at(-1)?.bytes), message.slice(-(keeper.kept.at(-1)?.result ?? 0)));
      keeper.kept[keeper.kept.length - 3]?.release();
    }
    assert.ok(keeper.kept.some(({ flags }) => (flags & IORING_CQE_F_BUF_MORE) !== 0));
    assert.is(
      keeper.kept.reduce((sum, { result }) => sum + result, 0),
      sent.join('').length,
    );
    control.cancel();
    assert.is(await keeper.end, undefined);
    for (const completion of keeper.kept) completion.release();
    const next = driver.multishot(recvMultishot(near, buffers));
    write(far, Buffer.from('the next one'));
    assert.is(String((await take(next)).bytes), 'the next one');
  },
);

testWith(test, ['bufferRing', 'readMultishot'], 'a pipe is read the same way', async ({ driver }) => {
  await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 4 });
  const [reader, writer] = pipe2();
  let text = '';
  write(writer, Buffer.from('bit by bit'));
  for await (const { bytes } of driver.multishot(readMultishot(reader, buffers))) {
    text += bytes;
    if (text.length === 10) close(writer);
  }
  assert.is(text, 'bit by bit');
  close(reader);
});

testWith(test, ['bufferRing', 'recvMultishot'], 'an empty datagram is no end', async ({ driver }) => {
  await using buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 16 });
  const [near, far] = socketpair({ type: 'dgram', nonblock: false });
  const files = driver.ioUring.fileTable();
  const slot = files.add(near);
  for (const entry of [recvMultishot(near, buffers), recvMultishot(slot, buffers, { fixedFile: true })]) {
    const received = driver.multishot(entry);
    for (const text of ['one', '', 'three']) {
      await driver.ioUringSubmit(sendAll(far, Buffer.from(text)));
      assert.is(String((await take(received)).bytes ?? ''), text);
    }
    await received.return();
  }
  const going = driver.multishot(recvMultishot(slot, buffers, { fixedFile: true }));
  for (const text of ['one', '']) {
    await driver.ioUringSubmit(sendAll(far, Buffer.from(text)));
    assert.is(String((await take(going)).bytes ?? ''), text);
    // What is in flight goes on.
    files.remove(slot);
  }
  // It cannot go on behind an empty one, and says so.
  await rejects(going.next(), 'EBADF');
  assert.is(buffers.available, 4);
  close(near);
  close(far);
});

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'closing a ring ends its operations, and what was handed out keeps its bytes',
  async ({ driver, near, far }) => {
    const buffers = driver.ioUring.bufferRing({ entries: 4, bufferSize: 16 });
    const keeper = new Keeper();
    driver.ioUring.multishotInto(recvMultishot(near, buffers), keeper);
    write(far, Buffer.from('kept'));
    await someTurns(driver);
    await buffers.close();
    assert.is(await keeper.end, undefined);
    assert.is(keeper.text, 'kept');
    write(far, Buffer.from('x'));
    // Before Linux 6.8 the kernel says so once there is something to receive.
    const tooLate = async () => driver.multishot(recvMultishot(near, buffers)).next();
    const next = driver.ioUring.bufferRing();
    await tooLate().then(
      () => assert.unreachable('it received into another ring'),
      (error) => assert.is(error.code, 'ENOBUFS'),
    );
    assert.is(next.available, next.entries);
    keeper.kept[0]?.release();
    await next.close();
  },
);

testWith(test, ['bufferRing'], 'a closed ring gives its memory back', async () => {
  await using driver = uringBackend.create({ poolLimit: 2 ** 20 });
  for (let round = 0; round < 5; round += 1) {
    const buffers = driver.ioUring.bufferRing({ entries: 128, bufferSize: 4096 });
    await buffers.close();
  }
  throws(() => driver.ioUring.bufferRing({ entries: 512, bufferSize: 4096 }), 'ERR_POLYRING_POOL_EXHAUSTED');
  await driver.ioUring.bufferRing({ entries: 128, bufferSize: 4096 }).close();
});

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a promise is no place for a selected buffer',
  async ({ driver, near }) => {
    await using buffers = driver.ioUring.bufferRing({ entries: 1 });
    const entry = Entry.unsafe({
      opcode: IORING_OP_RECV,
      fd: near,
      flags: IOSQE_BUFFER_SELECT,
      bufIndex: buffers.group,
    });
    for (const given of [entry, recvMultishot(near, buffers)]) {
      await driver.ioUringSubmit(given).then(
        () => assert.unreachable(),
        (error) => {
          assert.is(error.code, 'ERR_POLYRING_UNSUPPORTED');
          assert.match(error.message, /driver\.multishot/);
        },
      );
    }
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a group that the driver does not have takes no buffer of the one that is made next',
  async ({ driver, near, far }) => {
    await using other = uringBackend.create();
    if (!tellsOfGroups()) return;
    const theirs = other.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
    for (const start of [recvMultishot, recvSelected]) {
      throws(() => driver.multishot(start(near, theirs)), 'ENOBUFS');
    }
    await using buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
    assert.is(buffers.group, theirs.group);
    write(far, Buffer.from('x'));
    const received = driver.multishot(recvMultishot(near, buffers));
    assert.is(String((await take(received)).bytes), 'x');
    await received.return();
  },
);

testWith(
  test,
  ['bufferRing', 'recvMultishot'],
  'a ring keeps out of groups that have provided buffers, or had them',
  async ({ driver, near, far }) => {
    using memory = driver.allocate(64);
    await using first = driver.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
    // The driver takes the next one below.
    const [emptied, filled] = [first.group - 1, first.group - 2];
    for (const group of [emptied, filled])
      await driver.ioUringSubmit(provideBuffers(memory.bytes, group, { count: 1 }));
    const waiting = driver.multishot(recvMultishot(near, { group: emptied }));
    assert.is(await driver.ioUringSubmit(removeBuffers(emptied, 1)), 1);
    await using second = driver.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
    assert.not(second.group === emptied || second.group === filled);
    write(far, Buffer.from('x'));
    await rejects(waiting.next(), 'ENOBUFS');
  },
);

testWith(test, ['bufferRing'], 'the queue of each ring begins at a page, also where one has 64 KiB', async () => {
  const addresses: number[] = [];
  const { Ring, addressOf } = kernelThat((code, argument) => {
    const [low = 0, high = 0] = Array.from(argument ?? [], Number);
    if (code === IORING_REGISTER_PBUF_RING && low !== 0) addresses.push(low + high * 2 ** 32);
    return undefined;
  });
  // Where a page has 64 KiB, each arena begins at one.
  const arenas: number[] = [];
  const noted = (buffer: ArrayBufferLike): number => {
    const address = addressOf(buffer);
    arenas.push(address);
    return address;
  };
  const driver = createDriverOver({ Ring, addressOf: noted });
  for (let rings = 0; rings < 3; rings += 1) driver.ioUring.bufferRing({ entries: 1, bufferSize: 16 });
  await driver.close();
  const offsets = addresses.map((address) => address - Math.max(...arenas.filter((start) => start <= address)));
  assert.equal(
    offsets.map((offset) => offset % 65_536),
    [0, 0, 0],
  );
});

test('bad options are refused', ({ driver }) => {
  for (const options of [{ entries: 3 }, { entries: 0 }, { entries: 65536 }, { bufferSize: 0 }, { bufferSize: 0.5 }]) {
    throws(() => driver.ioUring.bufferRing(options), 'ERR_OUT_OF_RANGE');
  }
  throws(() => driver.ioUring.bufferRing({ incremental: 'no' as never }), 'ERR_INVALID_ARG_TYPE');
});

runWhereGranted(test);
