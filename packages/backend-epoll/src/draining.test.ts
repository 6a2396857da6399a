import { PollEvents, TOLD_A_TURN } from '@polyring/core';
import { pipe2, write } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check, consume, Recorder, type SetFixture, signal } from './set-fixture.test-support.js';

const { IN } = PollEvents;

/** More than are told of in a turn of the loop. */
const MANY = TOLD_A_TURN + 500;

/** A drain of more than a few events goes on in microtasks. Resolves behind the last of them. */
function drained({ set }: SetFixture): Promise<void> {
  set.drain();
  return new Promise((resolve) => setImmediate(resolve));
}

check('what the first wakers settle goes on before the last are called', async (fixture) => {
  const order: string[] = [];
  for (let index = 0; index < 100; index += 1) {
    const recorder = new Recorder(fixture.set, fixture.eventfd(1), IN);
    recorder.onDeliver = () => {
      order.push(`told ${index}`);
      Promise.resolve().then(() => order.push(`gone on ${index}`));
    };
  }
  await drained(fixture);
  assert.is(order.length, 200);
  assert.ok(order.indexOf('gone on 0') < order.indexOf('told 99'), order.join(', '));
});

check('a drain is bounded and the set keeps the loop awake for the rest', async (fixture) => {
  const recorders = Array.from({ length: MANY }, () => new Recorder(fixture.set, fixture.eventfd(1), IN));
  const count = () => recorders.filter(({ delivered }) => delivered.length === 1).length;
  await drained(fixture);
  const first = count();
  assert.ok(first >= TOLD_A_TURN && first < MANY, `${first} in the first drain`);
  for (let drains = 0; drains < 6 && fixture.wakesLoop(); drains += 1) await drained(fixture);
  assert.is(count(), MANY);
  assert.not(fixture.wakesLoop());
});

check('descriptors that are always ready let the others take part', async (fixture) => {
  const busy = Array.from({ length: MANY }, () => new Recorder(fixture.set, fixture.eventfd(1), IN));
  for (const recorder of busy) recorder.onDeliver = () => recorder.waitFor(IN);
  await drained(fixture);
  const [readFd, writeFd] = pipe2();
  const other = new Recorder(fixture.set, fixture.own(readFd), IN);
  write(fixture.own(writeFd), Buffer.from('x'));
  // The others take three turns of the loop.
  for (let drains = 0; drains < 4; drains += 1) await drained(fixture);
  assert.equal(other.delivered, [IN]);
});

check('an event that a waker brings is told of in the same drain, as long as that goes on', async (fixture) => {
  const fd = fixture.eventfd(1);
  const recorder = new Recorder(fixture.set, fd, IN);
  recorder.onDeliver = () => {
    consume(fd);
    signal(fd);
    recorder.waitFor(IN);
  };
  for (let drains = 1; drains < 4; drains += 1) {
    await drained(fixture);
    assert.is(recorder.delivered.length, drains * TOLD_A_TURN);
  }
});

check(
  'what events bring is told of at once where they are few, and a turn later where they are many',
  async (fixture) => {
    for (const [count, turns] of [
      [3, 1],
      [40, 2],
      [3, 1],
    ] as const) {
      const brought = new Recorder(fixture.set, fixture.eventfd(), IN);
      for (let index = 0; index < count; index += 1) {
        const recorder = new Recorder(fixture.set, fixture.eventfd(1), IN);
        recorder.onDeliver = () => {
          if (index === count - 1) signal(brought.registration.fd);
        };
      }
      for (let turn = 1; turn <= turns; turn += 1) {
        assert.is(brought.delivered.length, 0);
        await drained(fixture);
      }
      assert.is(brought.delivered.length, 1);
    }
  },
);

check('a set that is closed in a delivery delivers nothing more', (fixture) => {
  const recorders = [
    new Recorder(fixture.set, fixture.eventfd(1), IN),
    new Recorder(fixture.set, fixture.eventfd(1), IN),
  ];
  for (const recorder of recorders) recorder.onDeliver = () => fixture.set.close();
  fixture.set.drain();
  assert.is(recorders.flatMap(({ delivered }) => delivered).length, 1);
});

test.run();
