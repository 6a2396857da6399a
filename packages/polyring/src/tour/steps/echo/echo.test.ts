import { openDescriptors, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDriver } from '../../open-driver.js';
import { driverEcho } from './driver-echo.js';
import { type EchoBench, type EchoClient, exchange } from './exchange.js';
import { nodeEcho } from './node-echo.js';

const nothing = (): void => {};
const { driver } = await openDriver(undefined);

test.after(() => driver.close());

function benchOf(clients: readonly EchoClient[]): EchoBench & { closed: number } {
  return {
    by: 'a bench',
    clients,
    closed: 0,
    async close() {
      this.closed += 1;
    },
  };
}

const honest: EchoClient = {
  async roundTrip(message, answer) {
    answer.set(message);
  },
};

for (const [name, start] of [
  ['the driver', (connections: number) => driverEcho(driver, connections)],
  ['node:net', nodeEcho],
] as const) {
  test(`messages over several connections come back by ${name}, and nothing stays open`, async () => {
    await exchange(await start(1), 10, nothing);
    const before = openDescriptors();
    const seen: number[] = [];
    const side = await exchange(await start(5), 1_000, (messages) => seen.push(messages));
    assert.is(side.measures.operations, 1_000);
    assert.ok((side.measures.seconds as number) > 0);
    assert.equal(
      seen,
      Array.from({ length: 10 }, (_, index) => 100 * (index + 1)),
    );
    assert.is(openDescriptors(), before);
  });

  test(`an answer that is longer than a read of ${name} is put together`, async () => {
    const bench = await start(1);
    const message = Buffer.alloc(200_000, 'polyring');
    const answer = Buffer.alloc(message.length);
    await (bench.clients[0] as EchoClient).roundTrip(message, answer);
    await bench.close();
    assert.ok(answer.equals(message));
  });
}

test('one wrong byte in one answer fails the exchange, which closes its bench', async () => {
  let count = 0;
  const lying: EchoClient = {
    async roundTrip(message, answer) {
      answer.set(message);
      count += 1;
      if (count === 7) answer[63] = (answer[63] as number) ^ 1;
    },
  };
  const bench = benchOf([honest, lying]);
  await rejects(
    exchange(bench, 100, nothing),
    'VerificationError',
    /By a bench, connection 1 got another answer to message 6 than the message\./,
  );
  assert.is(bench.closed, 1);
});

test("another connection's answer fails the exchange", async () => {
  const clients: EchoClient[] = [];
  let first: Buffer | undefined;
  for (let index = 0; index < 2; index += 1) {
    clients.push({
      async roundTrip(message, answer) {
        first ??= Buffer.from(message);
        answer.set(index === 0 ? message : first);
      },
    });
  }
  await rejects(
    exchange(benchOf(clients), 2, nothing),
    'VerificationError',
    /connection 1 got another answer to message 0/,
  );
});

test('an answer to the message before fails the exchange', async () => {
  let before = Buffer.alloc(64);
  const late: EchoClient = {
    async roundTrip(message, answer) {
      if (message.readUInt32LE(4) < 3) answer.set(message);
      else answer.set(before);
      before = Buffer.from(message);
    },
  };
  await rejects(exchange(benchOf([late]), 10, nothing), 'VerificationError', /got another answer to message 3/);
});

test('a driver that is closed before all are connected rejects, and nothing stays open', async () => {
  const before = openDescriptors();
  const { driver: own } = await openDriver(undefined);
  const rejected = rejects(driverEcho(own, 5), 'ERR_POLYRING_CLOSED');
  await own.close();
  await rejected;
  assert.is(openDescriptors(), before);
});

test.run();
