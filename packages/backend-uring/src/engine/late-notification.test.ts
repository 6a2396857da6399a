import { setImmediate as turn } from 'node:timers/promises';
import { type Driver, type DriverMemory, type Entry, type RawFd, read, send, sendmsgZc, sendZc } from '@polyring/core';
import {
  accept4,
  bind,
  close,
  connect,
  getsockname,
  listen,
  pipe2,
  recv,
  socket,
  tryRead,
  write as writeNow,
} from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { faultyBinding, NO_FAULTS } from '../storm/faulty-ring.test-support.js';

const SIZE = 4096;

/** How often nothing is shown before it is taken for certain that what was shown has been looked at. */
const LOOKS = 5;

/** A driver that sees a number of completions, and those behind them when it is told. */
function newDriver(): { driver: Driver; showOnly(count: number): void; hidden(): number } {
  let left = Number.POSITIVE_INFINITY;
  let refusals = 0;
  const show = (): number | undefined => {
    if (left > 0) {
      left -= 1;
      return 0;
    }
    refusals += 1;
    return undefined;
  };
  return {
    driver: createDriverOver(faultyBinding({ ...NO_FAULTS, show }), {}),
    showOnly(count) {
      left = count;
      refusals = 0;
    },
    hidden: () => refusals,
  };
}

function tcpPair(): [RawFd, RawFd] {
  const listener = socket('ipv4', 'stream', { nonblock: false });
  bind(listener, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  listen(listener);
  const client = socket('ipv4', 'stream', { nonblock: false });
  connect(client, getsockname(listener));
  const server = accept4(listener, { nonblock: false });
  close(listener);
  return [client, server];
}

const SENDS: Record<string, (fd: RawFd, lent: DriverMemory) => Entry> = {
  'lent memory': (fd, { bytes }) => sendZc(fd, bytes),
  'registered memory': (fd, { bytes }) => sendZc(fd, bytes, { registered: true }),
  'a foreign buffer': (fd) => sendZc(fd, Buffer.alloc(SIZE, 's')),
  'a message of lent memory': (fd, { bytes }) => sendmsgZc(fd, { buffers: [bytes] }),
  'a message of foreign buffers': (fd) =>
    sendmsgZc(fd, { buffers: [Buffer.alloc(SIZE / 2, 's'), Buffer.alloc(SIZE / 2, 's')] }),
};

for (const [name, entryOf] of Object.entries(SENDS)) {
  const need = name.startsWith('a message') ? 'sendmsgZc' : 'sendZc';
  testWith(test, [need], `a send without a copy keeps ${name} until it is notified of, however late`, async () => {
    const { driver, showOnly, hidden } = newDriver();
    const [client, server] = tcpPair();
    const lent = driver.allocate(SIZE);
    lent.bytes.fill('s');
    const { byteOffset } = lent.bytes;
    let settled = false;
    showOnly(1);
    const sending = driver.ioUringSubmit(entryOf(client, lent)).finally(() => {
      settled = true;
    });
    lent.release();
    while (hidden() < LOOKS) await turn();
    const received = Buffer.alloc(SIZE);
    for (let count = 0; count < SIZE; ) count += recv(server, received.subarray(count));
    assert.not.ok(settled, 'it settled with its result, before the notification');
    const { inFlight } = driver.ioUring.pool;
    assert.ok(inFlight >= SIZE, `${inFlight} bytes are kept`);
    const others = Array.from({ length: 20 }, () => driver.allocate(SIZE));
    if (name.includes('lent') || name.includes('registered')) {
      assert.not.ok(
        others.some(({ bytes }) => bytes.byteOffset === byteOffset),
        'its memory was lent to others',
      );
    }
    assert.is(driver.ioUring.pool.inFlight, inFlight);
    showOnly(Number.POSITIVE_INFINITY);
    assert.is(await sending, SIZE);
    assert.is(driver.ioUring.pool.inFlight, 0);
    assert.equal(received, Buffer.alloc(SIZE, 's'));
    for (const other of others) other.release();
    await driver.close();
    close(client);
    close(server);
  });
}

test('a send keeps its memory until it is told of, however late', async () => {
  const { driver, showOnly, hidden } = newDriver();
  const [client, server] = tcpPair();
  let settled = false;
  showOnly(0);
  const sending = driver.ioUringSubmit(send(client, Buffer.alloc(SIZE, 's'))).finally(() => {
    settled = true;
  });
  while (hidden() < LOOKS) await turn();
  assert.not.ok(settled);
  assert.ok(driver.ioUring.pool.inFlight >= SIZE);
  showOnly(Number.POSITIVE_INFINITY);
  assert.is(await sending, SIZE);
  assert.is(driver.ioUring.pool.inFlight, 0);
  await driver.close();
  close(client);
  close(server);
});

for (const resultIsTold of [true, false]) {
  testWith(
    test,
    ['sendZc'],
    `an abort ends what is linked to a send that has its result, told of: ${resultIsTold}`,
    async () => {
      const { driver, showOnly, hidden } = newDriver();
      const [client, server] = tcpPair();
      const [reader, writer] = pipe2();
      const controller = new AbortController();
      showOnly(resultIsTold ? 1 : 0);
      const chain = driver.submitLinked([sendZc(client, Buffer.alloc(SIZE)), read(reader, Buffer.alloc(1))], {
        signal: controller.signal,
      });
      while (hidden() < LOOKS) await turn();
      controller.abort();
      showOnly(resultIsTold ? 0 : 1);
      while (hidden() < LOOKS) await turn();
      writeNow(writer, Buffer.from('x'));
      assert.is(tryRead(reader, Buffer.alloc(1)), 1, 'the read that is cancelled consumes nothing');
      showOnly(Number.POSITIVE_INFINITY);
      const [sent, reading] = await chain;
      assert.equal(sent, { status: 'fulfilled', value: SIZE });
      assert.is(reading?.status === 'rejected' && reading.reason.code, 'ABORT_ERR');
      await driver.close();
      for (const fd of [client, server, reader, writer]) close(fd);
    },
  );
}

runWhereGranted(test);
