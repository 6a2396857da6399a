import { Pending, PollEvents } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteStream, streamBytes } from './byte-stream.js';
import { Counter } from './counter.js';
import { Disagreement } from './disagreement.js';
import { SourceModel } from './source-model.js';

const { IN, OUT, PRI, HUP, ERR } = PollEvents;

function disagrees(observe: () => void, message: RegExp): void {
  assert.throws(observe, (error: unknown) => error instanceof Disagreement && message.test(error.message));
}

function eventfd(semaphore = false): SourceModel<Counter> {
  return new SourceModel(new Counter(semaphore));
}

function signal(model: SourceModel<Counter>, count: bigint): void {
  model.change((counter) => counter.plus(count));
}

function bytesOf(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/** An eventfd with a slot whose poll for IN is pending. */
function polledEventfd(): SourceModel<Counter> {
  const model = eventfd();
  model.watch('slot', 'reader');
  model.polled('slot', IN, Pending);
  return model;
}

test('a waiter must be woken when what it asked for holds, and need not be before', () => {
  const model = polledEventfd();
  model.silent('slot', IN, 'not woken');
  signal(model, 1n);
  disagrees(() => model.silent('slot', IN, 'not woken'), /^not woken, but the counter is 1$/);
});

test('a waiter need not be woken for what does not hold any more', () => {
  const model = polledEventfd();
  signal(model, 1n);
  model.read(8, bytesOf(1n));
  model.silent('slot', IN, 'not woken');
});

test('what held at the clear need not be reported again before it ended', () => {
  const model = polledEventfd();
  signal(model, 1n);
  model.polled('slot', IN, IN);
  model.clear('slot');
  model.polled('slot', IN, Pending);
  signal(model, 1n);
  model.silent('slot', IN, 'not woken');
  model.read(8, bytesOf(2n));
  signal(model, 1n);
  disagrees(() => model.silent('slot', IN, 'not woken'), /not woken/);
});

test('readiness may be reported although it has ended, and not if it never was', () => {
  const model = polledEventfd();
  disagrees(() => model.polled('slot', IN, IN), /ready with IN, which has not held/);
  signal(model, 1n);
  model.read(8, bytesOf(1n));
  model.polled('slot', IN, IN);
});

test('an event from before the clear may come after it until everything was delivered', () => {
  const model = polledEventfd();
  signal(model, 1n);
  model.read(8, bytesOf(1n));
  model.clear('slot');
  model.polled('slot', IN, IN);
  model.settled();
  model.clear('slot');
  disagrees(() => model.polled('slot', IN, IN), /has not held/);
});

test('what held before the registration may be told, and is owed', () => {
  const model = eventfd();
  signal(model, 1n);
  model.watch('slot', 'reader');
  model.polled('slot', IN, Pending);
  disagrees(() => model.silent('slot', IN, 'not woken'), /not woken/);
  model.polled('slot', IN, IN);
});

test('what was told is kept until it is cleared', () => {
  const model = polledEventfd();
  signal(model, 1n);
  model.polled('slot', IN | OUT, IN);
  disagrees(() => model.polled('slot', IN, Pending), /Pending, but IN was told/);
  disagrees(() => model.polled('slot', IN | OUT, OUT), /without IN/);
  model.polled('slot', PRI, Pending);
  model.clear('slot');
  model.polled('slot', IN, Pending);
});

test('an answer holds only what was asked for, and something', () => {
  const model = polledEventfd();
  disagrees(() => model.polled('slot', IN, IN | OUT), /OUT, which was not asked for/);
  disagrees(() => model.polled('slot', IN, 0), /no event/);
});

test('a pending wait may have read or not, and each answer tells which', () => {
  for (const consumed of [false, true]) {
    const model = eventfd();
    model.waiting('wait', 8);
    signal(model, 2n);
    signal(model, 3n);
    if (consumed) {
      model.read(8, bytesOf(3n));
      disagrees(
        () => model.cancelled('wait', false, 0n),
        /false, but the counter is 0 and wait has read 8 bytes \(2\)/,
      );
      model.cancelled('wait', true, 2n);
    } else {
      model.read(8, bytesOf(5n));
      disagrees(() => model.cancelled('wait', true, 2n), /the cancel is true/);
      model.cancelled('wait', false, 0n);
    }
    model.read(8, undefined);
  }
});

test('a signal that a cancel called unread must be there', () => {
  const model = eventfd();
  model.waiting('wait', 8);
  signal(model, 1n);
  model.cancelled('wait', false, 0n);
  disagrees(() => model.read(8, undefined), /found nothing, but the counter is 1/);
  model.read(8, bytesOf(1n));
});

test('one signal ends one of two waits, and both can go on while it is there', () => {
  const model = eventfd();
  model.waiting('one', 8);
  model.waiting('other', 8);
  signal(model, 1n);
  model.waitSilent('one', 8, 'not woken');
  disagrees(() => model.waitSilent('other', 8, 'not woken'), /the counter is 0 and other has read 8 bytes \(1\)/);
  disagrees(() => model.waited('one', 1n), /the wait is over with the value 1/);
  model.waited('other', 1n);
});

test('a wait on a semaphore takes one at a time', () => {
  const model = eventfd(true);
  signal(model, 2n);
  model.waiting('wait', 8);
  disagrees(() => model.waited('wait', 2n), /value 2/);
  model.waited('wait', 1n);
  model.read(8, bytesOf(1n));
  model.read(8, undefined);
});

test('a wait that was disposed may have taken a signal, and takes none that comes later', () => {
  for (const lost of [false, true]) {
    const model = eventfd();
    model.waiting('wait', 8);
    signal(model, 1n);
    model.withdraw('wait');
    signal(model, 2n);
    disagrees(() => model.read(8, undefined), /found nothing/);
    model.read(8, bytesOf(lost ? 2n : 3n));
  }
});

test('the bytes of a pipe arrive in order, for waits and for reads', () => {
  const model = new SourceModel(new ByteStream());
  model.change((stream) => stream.plus(6, false));
  model.waiting('wait', 4);
  disagrees(() => model.waited('wait', 0x04030201n), /the wait is over with the value/);
  model.waited('wait', 0x03020100n);
  disagrees(() => model.read(9, streamBytes(3, 2)), /a read found 2 bytes/);
  model.read(9, streamBytes(4, 2));
});

test('a wait for more than a pipe holds is over with a short read', () => {
  const model = new SourceModel(new ByteStream());
  model.change((stream) => stream.plus(2, false));
  model.waiting('wait', 4);
  disagrees(() => model.waited('wait', 0x0100n), /with the value 256/);
  model.waitedShort('wait', 0x0100n);
});

test('the end of a pipe is owed to every waiter, and to none who has read it', () => {
  const model = new SourceModel(new ByteStream());
  model.watch('slot', 'reader');
  model.polled('slot', PRI, Pending);
  model.change((stream) => stream.without('writer'));
  disagrees(() => model.silent('slot', PRI, 'not woken'), /its writer is closed/);
  model.waiting('wait', 1);
  disagrees(() => model.waitSilent('wait', 1, 'not woken'), /not woken/);
  model.waitedShort('wait', 0n);
  model.silent('slot', PRI, 'not woken');
  model.polled('slot', PRI, HUP);
});

test('a pipe that was filled is not writable, may be after a read, and is once it is empty', () => {
  const model = new SourceModel(new ByteStream());
  model.watch('slot', 'writer');
  model.change((stream) => stream.plus(9, true));
  model.clear('slot');
  model.settled();
  model.clear('slot');
  model.polled('slot', OUT, Pending);
  model.silent('slot', OUT, 'not woken');
  model.read(1, streamBytes(0, 1));
  model.silent('slot', OUT, 'not woken');
  model.read(8, streamBytes(1, 8));
  disagrees(() => model.silent('slot', OUT, 'not woken'), /the pipe holds 0 bytes/);
  model.change((stream) => stream.without('reader'));
  model.polled('slot', OUT, OUT | ERR);
});

test.run();
