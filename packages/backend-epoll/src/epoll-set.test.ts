import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PollEvents, type RawFd } from '@polyring/core';
import { bind, connect, dup, eventfd, getsockname, pipe2, socket, trySend } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { check, consume, Recorder, type SetFixture, signal } from './set-fixture.test-support.js';

const { IN, OUT, ERR, HUP } = PollEvents;

function code(expected: string): (error: { code?: string; syscall?: string; fd?: number }) => boolean {
  return (error) => error.code === expected && error.syscall === 'epoll_ctl' && typeof error.fd === 'number';
}

/** Closes a number and opens an eventfd that gets the same one. */
function reuse(fixture: SetFixture, fd: RawFd): RawFd {
  fixture.close(fd);
  const again = fixture.own(eventfd());
  assert.is(again, fd, 'the kernel gives the lowest free number');
  return again;
}

check('readiness that was there before arming is reported', (fixture) => {
  const recorder = new Recorder(fixture.set, fixture.eventfd(1), IN);
  fixture.set.drain();
  assert.equal(recorder.delivered, [IN]);
});

check('arming again reports what holds still, and nothing if it was read', (fixture) => {
  const fd = fixture.eventfd(1);
  const recorder = new Recorder(fixture.set, fd, IN);
  fixture.set.drain();
  recorder.waitFor(IN);
  fixture.set.drain();
  assert.equal(recorder.delivered, [IN, IN]);
  consume(fd);
  recorder.waitFor(IN);
  assert.not(fixture.wakesLoop());
  signal(fd);
  fixture.set.drain();
  assert.equal(recorder.delivered, [IN, IN, IN]);
});

check('a descriptor that stays ready does not keep the loop awake', (fixture) => {
  const recorder = new Recorder(fixture.set, fixture.eventfd(1), IN);
  assert.ok(fixture.wakesLoop());
  fixture.set.drain();
  assert.not(fixture.wakesLoop());
  assert.is(recorder.delivered.length, 1);
});

check('registering alone neither reports readiness nor wakes the loop', (fixture) => {
  for (let i = 0; i < 1_000; i += 1) new Recorder(fixture.set, fixture.eventfd(1));
  assert.not(fixture.wakesLoop());
});

check('two members of one descriptor share a registration and wait independently', (fixture) => {
  const fd = fixture.eventfd();
  const reader = new Recorder(fixture.set, fd, IN);
  const writer = new Recorder(fixture.set, fd, OUT);
  assert.is(reader.registration, writer.registration);
  fixture.set.drain();
  assert.equal([reader.delivered, writer.delivered], [[], [OUT]]);
  signal(fd);
  fixture.set.drain();
  assert.equal([reader.delivered, writer.delivered], [[IN | OUT], [OUT]]);
});

check('a member that joins later learns of readiness that was reported to the first', (fixture) => {
  const fd = fixture.eventfd(1);
  const first = new Recorder(fixture.set, fd, IN);
  fixture.set.drain();
  const second = new Recorder(fixture.set, fd, IN);
  fixture.set.drain();
  assert.equal([first.delivered, second.delivered], [[IN], [IN]]);
});

check('a member that leaves does not take the registration from the others', (fixture) => {
  const fd = fixture.eventfd();
  const first = new Recorder(fixture.set, fd, IN);
  const second = new Recorder(fixture.set, fd, IN);
  first.leave();
  signal(fd);
  fixture.set.drain();
  assert.equal([first.delivered, second.delivered], [[], [IN]]);
  second.leave();
  second.leave();
  signal(fd);
  assert.not(fixture.wakesLoop());
});

check('a member that joins in a delivery does not get the event of that delivery', (fixture) => {
  const fd = fixture.eventfd(1);
  const first = new Recorder(fixture.set, fd, IN);
  let second: Recorder | undefined;
  first.onDeliver = () => {
    second = new Recorder(fixture.set, fd, IN);
    consume(fd);
  };
  fixture.set.drain();
  assert.is(first.delivered.length, 1);
  fixture.set.drain();
  assert.equal(second?.delivered, []);
});

check(
  'a member that leaves in a delivery gets nothing, in its own registration and in the rest of the batch',
  (fixture) => {
    const [a, b] = [fixture.eventfd(1), fixture.eventfd(1)];
    const recorders = [a, a, b].map((fd) => new Recorder(fixture.set, fd, IN));
    for (const recorder of recorders) {
      recorder.onDeliver = () => {
        for (const other of recorders) if (other !== recorder) other.leave();
      };
    }
    fixture.set.drain();
    assert.is(recorders.flatMap((recorder) => recorder.delivered).length, 1);
  },
);

check('an event of the batch does not reach an object that got the number in a delivery', (fixture) => {
  const fds = [fixture.eventfd(1), fixture.eventfd(1)];
  const recorders = fds.map((fd) => new Recorder(fixture.set, fd, IN));
  let late: Recorder | undefined;
  for (const [index, recorder] of recorders.entries()) {
    recorder.onDeliver = () => {
      const other = recorders[1 - index] as Recorder;
      other.leave();
      late = new Recorder(fixture.set, reuse(fixture, other.registration.fd), IN);
      assert.is(late.registration.index, other.registration.index, 'the index is reused too');
    };
  }
  fixture.set.drain();
  assert.is(recorders.flatMap((recorder) => recorder.delivered).length, 1);
  assert.equal(late?.delivered, []);
});

check('a number that was closed before disposal and reused becomes a registration of its own', (fixture) => {
  const fd = fixture.eventfd();
  const old = new Recorder(fixture.set, fd, IN);
  const young = new Recorder(fixture.set, reuse(fixture, fd), IN);
  assert.is.not(old.registration, young.registration);
  assert.ok(old.registration.stale);
  signal(fd);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[], [IN]]);
  old.leave();
  consume(fd);
  young.waitFor(IN);
  signal(fd);
  fixture.set.drain();
  assert.equal(young.delivered, [IN, IN], 'the old one deleted nothing of the young one');
});

check('arming what was closed before disposal is EBADF, also where the number means another file by now', (fixture) => {
  const fd = fixture.eventfd();
  const recorder = new Recorder(fixture.set, fd);
  fixture.close(fd);
  assert.throws(() => recorder.waitFor(IN), code('EBADF'));
  recorder.leave();

  const second = new Recorder(fixture.set, fixture.own(eventfd()));
  reuse(fixture, second.registration.fd);
  assert.throws(() => second.waitFor(IN), code('EBADF'));
  assert.throws(() => second.waitFor(IN), code('EBADF'));
  second.leave();

  const third = new Recorder(fixture.set, fixture.own(eventfd()));
  fixture.close(third.registration.fd);
  assert.is(fixture.own(openSync(fileURLToPath(import.meta.url), 'r')), third.registration.fd);
  assert.throws(() => third.waitFor(IN), code('EBADF'));
  third.leave();
});

check('closing before disposal leaves nothing behind', (fixture) => {
  const fd = fixture.eventfd();
  const recorder = new Recorder(fixture.set, fd, IN);
  fixture.close(fd);
  recorder.leave();
  assert.not(fixture.wakesLoop());
  const young = new Recorder(fixture.set, fixture.own(eventfd(1)), IN);
  fixture.set.drain();
  assert.equal(young.delivered, [IN]);
});

check('a duplicate is a registration of its own', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const recorders = [new Recorder(fixture.set, fd, IN), new Recorder(fixture.set, copy, IN)];
  signal(fd);
  fixture.set.drain();
  assert.equal(
    recorders.map(({ delivered }) => delivered),
    [[IN], [IN]],
  );
  (recorders[0] as Recorder).leave();
  fixture.close(fd);
  consume(copy);
  recorders[1]?.waitFor(IN);
  signal(copy);
  fixture.set.drain();
  assert.equal(recorders[1]?.delivered, [IN, IN]);
});

check('a file closed before disposal that lives on in a duplicate reaches its own object only', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const old = new Recorder(fixture.set, fd, IN);
  const young = new Recorder(fixture.set, reuse(fixture, fd), IN);
  signal(copy);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[IN], []]);
  old.leave();
  signal(copy);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[IN], []]);
});

check('events that nobody waits for any more leave the young owner of the number alone', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const old = new Recorder(fixture.set, fd, IN);
  const young = new Recorder(fixture.set, reuse(fixture, fd), IN);
  for (let i = 0; i < 4; i += 1) {
    signal(copy);
    fixture.set.drain();
  }
  signal(fd);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[IN], [IN]]);
});

check('a file that comes back under its old number is registered anew', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const old = new Recorder(fixture.set, fd, IN);
  fixture.close(fd);
  old.leave();
  assert.is(fixture.own(dup(copy)), fd);
  const young = new Recorder(fixture.set, fd, IN);
  signal(copy);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[], [IN]]);
});

check('a file that comes back under its old number after it was missed is registered anew', (fixture) => {
  const fd = fixture.eventfd();
  const copy = fixture.own(dup(fd));
  const old = new Recorder(fixture.set, fd);
  fixture.close(fd);
  assert.throws(() => old.waitFor(IN), code('EBADF'));
  assert.is(fixture.own(dup(copy)), fd);
  const young = new Recorder(fixture.set, fd, IN);
  old.leave();
  signal(copy);
  fixture.set.drain();
  assert.equal([old.delivered, young.delivered], [[], [IN]]);
});

check('what is not open is EBADF and what cannot be polled EPERM, and neither leaves a trace', (fixture) => {
  const closed = fixture.eventfd();
  fixture.close(closed);
  assert.throws(() => new Recorder(fixture.set, closed), code('EBADF'));
  const file = fixture.own(openSync(fileURLToPath(import.meta.url), 'r'));
  assert.throws(() => new Recorder(fixture.set, file), code('EPERM'));
  const next = new Recorder(fixture.set, fixture.eventfd());
  assert.is(next.registration.index, 0);
});

check('the second event in a row that nobody waits for silences the descriptor until somebody waits', (fixture) => {
  const fd = fixture.eventfd();
  const recorder = new Recorder(fixture.set, fd, IN);
  signal(fd);
  fixture.set.drain();
  for (let i = 0; i < 2; i += 1) {
    signal(fd);
    assert.ok(fixture.wakesLoop());
    fixture.set.drain();
  }
  signal(fd);
  assert.not(fixture.wakesLoop());
  assert.equal(recorder.delivered, [IN]);
  recorder.waitFor(IN);
  fixture.set.drain();
  assert.equal(recorder.delivered, [IN, IN]);
});

check('silencing what one member wanted keeps what another one waits for', (fixture) => {
  const fd = fixture.eventfd();
  const writer = new Recorder(fixture.set, fd, OUT);
  const reader = new Recorder(fixture.set, fd, IN);
  fixture.set.drain();
  assert.equal(writer.delivered, [OUT]);
  for (let i = 0; i < 2; i += 1) {
    signal(fd);
    consume(fd);
    assert.ok(fixture.wakesLoop(), 'a read makes an eventfd writable');
    fixture.set.drain();
  }
  signal(fd);
  consume(fd);
  assert.not(fixture.wakesLoop());
  signal(fd);
  fixture.set.drain();
  assert.equal([reader.delivered, writer.delivered], [[IN], [OUT]]);
});

check('a hang-up that nobody waits for is reported once at most', (fixture) => {
  const [readFd, writeFd] = pipe2();
  fixture.own(readFd);
  fixture.own(writeFd);
  const recorder = new Recorder(fixture.set, readFd);
  fixture.close(writeFd);
  fixture.set.drain();
  assert.not(fixture.wakesLoop());
  recorder.waitFor(IN | HUP);
  fixture.set.drain();
  assert.equal(recorder.delivered, [HUP]);
});

check('errors that nobody waits for are reported once at most', (fixture) => {
  const [server, client] = [fixture.own(socket('ipv4', 'dgram')), fixture.own(socket('ipv4', 'dgram'))];
  bind(server, { family: 'IPv4', address: '127.0.0.1', port: 0 });
  connect(client, getsockname(server));
  fixture.close(server);
  const recorder = new Recorder(fixture.set, client);
  // Nobody is there to receive it, which is the socket's error until the next send takes it.
  const fail = () => assert.is(trySend(client, Buffer.from('x')), 1);
  const takeError = () => assert.ok(trySend(client, Buffer.from('x')) < 0);
  fail();
  assert.ok(fixture.wakesLoop());
  fixture.set.drain();
  takeError();
  fail();
  assert.not(fixture.wakesLoop());
  recorder.waitFor(ERR);
  fixture.set.drain();
  assert.equal(recorder.delivered, [ERR]);
});

check('a member that saw nothing there stays armed from wake to wake', (fixture) => {
  const fd = fixture.eventfd();
  const recorder = new Recorder(fixture.set, fd, IN);
  for (let i = 0; i < 5; i += 1) {
    signal(fd);
    fixture.set.drain();
    consume(fd);
    recorder.wanted = IN;
    fixture.set.expect(recorder.registration, recorder);
  }
  assert.is(recorder.delivered.length, 5);
});

check('a member that expects an edge of what was silenced is armed', (fixture) => {
  const fd = fixture.eventfd();
  const recorder = new Recorder(fixture.set, fd, IN);
  for (let i = 0; i < 3; i += 1) {
    signal(fd);
    fixture.set.drain();
  }
  assert.is(recorder.registration.mask, 0);
  consume(fd);
  recorder.wanted = IN;
  fixture.set.expect(recorder.registration, recorder);
  signal(fd);
  fixture.set.drain();
  assert.equal(recorder.delivered, [IN, IN]);
});

check('waking all reaches every member, and those disposed meanwhile change nothing', (fixture) => {
  const [a, b] = [fixture.eventfd(), fixture.eventfd()];
  const recorders = [a, a, b].map((fd) => new Recorder(fixture.set, fd, IN));
  fixture.set.close();
  for (const recorder of recorders) recorder.onDeliver = () => recorder.leave();
  fixture.set.wakeAll();
  assert.equal(
    recorders.map(({ delivered }) => delivered),
    [[0], [0], [0]],
  );
});

test.run();
