import { Pending, PollEvents, type RawFd } from '@polyring/core';
import { close, EPOLL_CTL_DEL, epollCtl, eventfd, pipe2, write } from '@polyring/sys';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { consume, SetFixture, signal } from '../set-fixture.test-support.js';
import { EpollReadiness } from './readiness.js';
import { EpollWait } from './wait.js';

class WaitFixture extends SetFixture {
  holds = 0;
  wakes = 0;
  readonly waker = (): void => {
    this.wakes += 1;
  };
  readonly hold = {
    hold: () => {
      this.holds += 1;
    },
    release: () => {
      this.holds -= 1;
    },
  };

  checkOpen(): void {}

  wait(fd: RawFd, readSize = 8): EpollWait {
    return new EpollWait(fd, readSize, this);
  }

  pipe(): [RawFd, RawFd] {
    const [readFd, writeFd] = pipe2();
    return [this.own(readFd), this.own(writeFd)];
  }
}

function check(name: string, body: (fixture: WaitFixture) => void): void {
  test(name, () => {
    const fixture = new WaitFixture();
    try {
      body(fixture);
    } finally {
      fixture[Symbol.dispose]();
    }
  });
}

check('a signal that is there is consumed by the first poll', (fixture) => {
  const fd = fixture.eventfd(7);
  const wait = fixture.wait(fd);
  assert.is(wait.value, 0n);
  assert.is(wait.pollWait(fixture.waker), undefined);
  assert.is(wait.value, 7n);
  assert.is(wait.pollWait(fixture.waker), Pending);
  assert.is(wait.value, 7n);
});

check('a signal wakes and is consumed by the poll that follows, not before', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  assert.is(wait.pollWait(fixture.waker), Pending);
  assert.is(fixture.holds, 1);
  signal(fd);
  fixture.set.drain();
  assert.is(fixture.wakes, 1);
  assert.is(fixture.holds, 0);
  assert.is(consume(fd), 1n);
  signal(fd);
  signal(fd);
  assert.is(wait.pollWait(fixture.waker), undefined);
  assert.is(wait.value, 2n);
});

check('a cancel is false and leaves the signal readable', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  assert.is(wait.pollCancelWait(fixture.waker), false);
  wait.pollWait(fixture.waker);
  signal(fd);
  assert.is(wait.pollCancelWait(fixture.waker), false);
  assert.is(fixture.holds, 0);
  fixture.set.drain();
  assert.is(fixture.wakes, 0);
  assert.is(wait.pollCancelWait(fixture.waker), false);
  assert.is(wait.pollWait(fixture.waker), undefined);
  assert.is(wait.value, 1n);
});

check('waits on one descriptor are all woken and one of them gets the signal', (fixture) => {
  const fd = fixture.eventfd();
  const waits = [fixture.wait(fd), fixture.wait(fd), fixture.wait(fd)];
  for (const wait of waits) assert.is(wait.pollWait(fixture.waker), Pending);
  signal(fd);
  fixture.set.drain();
  assert.is(fixture.wakes, 3);
  assert.equal(
    waits.map((wait) => wait.pollWait(fixture.waker)),
    [undefined, Pending, Pending],
  );
  signal(fd);
  fixture.set.drain();
  assert.is(fixture.wakes, 5);
});

check('a wait and a readiness object share a descriptor', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  const ready = new EpollReadiness(fd, fixture);
  let readable = 0;
  const poll = () =>
    ready.pollFdReady(
      () => {
        readable += 1;
      },
      0,
      PollEvents.IN,
    );
  assert.is(wait.pollWait(fixture.waker), Pending);
  assert.is(poll(), Pending);
  signal(fd);
  fixture.set.drain();
  assert.equal([fixture.wakes, readable], [1, 1]);
  assert.is(wait.pollWait(fixture.waker), undefined);
  ready.clearFdReady(0);
  assert.is(poll(), Pending);
  assert.is(wait.pollWait(fixture.waker), Pending);
  ready[Symbol.dispose]();
  signal(fd);
  fixture.set.drain();
  assert.equal([fixture.wakes, readable], [2, 1]);
});

check('waiting again after a wake makes no call to change the registration', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  wait.pollWait(fixture.waker);
  signal(fd);
  fixture.set.drain();
  wait.pollWait(fixture.waker);
  // Without its registration any such call would fail.
  epollCtl(fixture.set.fd, EPOLL_CTL_DEL, fd, 0, 0, 0);
  assert.is(wait.pollWait(fixture.waker), Pending);
});

check('a poll that finds the signal already there is not woken for it', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  assert.is(wait.pollWait(fixture.waker), Pending);
  signal(fd);
  assert.is(wait.pollWait(fixture.waker), undefined);
  assert.is(fixture.holds, 0);
  signal(fd);
  fixture.set.drain();
  assert.is(fixture.wakes, 0);
});

check('a wait whose eventfd was emptied and closed ends with an error', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  assert.is(wait.pollWait(fixture.waker), Pending);
  signal(fd);
  fixture.set.drain();
  assert.is(wait.pollWait(fixture.waker), undefined);
  fixture.close(fd);
  throws(() => wait.pollWait(fixture.waker), 'EBADF');
});

check('signals between waits do not cost a call each', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  for (let i = 0; i < 3; i += 1) {
    assert.is(wait.pollWait(fixture.waker), Pending);
    wait.pollCancelWait(fixture.waker);
    signal(fd);
    fixture.set.drain();
    consume(fd);
  }
  // Without its registration a call to change it would fail.
  assert.is(epollCtl(fixture.set.fd, EPOLL_CTL_DEL, fd, 0, 0, 0), 0);
  assert.is(wait.pollWait(fixture.waker), Pending);
});

check('signals that come before each poll cost at most the wake-up and lose nothing', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  for (let i = 0; i < 10; i += 1) {
    assert.is(wait.pollWait(fixture.waker), Pending);
    signal(fd);
    fixture.set.drain();
    assert.is(fixture.wakes, i + 1);
    signal(fd);
    fixture.set.drain();
    signal(fd);
    fixture.set.drain();
    assert.is(wait.pollWait(fixture.waker), undefined);
    assert.is(wait.value, 3n);
  }
});

for (const size of [1, 2, 3, 4, 5, 6, 7, 8]) {
  check(`${size} bytes of a pipe become one number`, (fixture) => {
    const [readFd, writeFd] = fixture.pipe();
    const wait = fixture.wait(readFd, size);
    assert.is(wait.pollWait(fixture.waker), Pending);
    write(writeFd, Buffer.alloc(2 * size, 0xff));
    fixture.set.drain();
    for (let i = 0; i < 2; i += 1) {
      assert.is(wait.pollWait(fixture.waker), undefined);
      assert.is(wait.value, 2n ** BigInt(8 * size) - 1n);
    }
    assert.is(wait.pollWait(fixture.waker), Pending);
  });
}

check('a read that gives fewer bytes is an error that keeps them', (fixture) => {
  const [readFd, writeFd] = fixture.pipe();
  const wait = fixture.wait(readFd, 4);
  write(writeFd, Buffer.alloc(4, 0xff));
  assert.is(wait.pollWait(fixture.waker), undefined);
  write(writeFd, Buffer.from([1, 2]));
  throws(() => wait.pollWait(fixture.waker), 'ERR_POLYRING_SHORT_READ');
  assert.is(wait.value, 0x0201n);
  write(writeFd, Buffer.from([4, 3, 2, 1]));
  assert.is(wait.pollWait(fixture.waker), undefined);
  assert.is(wait.value, 0x01020304n);
});

check('the end of a stream wakes and is an error', (fixture) => {
  const [readFd, writeFd] = fixture.pipe();
  const wait = fixture.wait(readFd, 1);
  assert.is(wait.pollWait(fixture.waker), Pending);
  fixture.close(writeFd);
  fixture.set.drain();
  assert.is(fixture.wakes, 1);
  throws(() => wait.pollWait(fixture.waker), 'ERR_POLYRING_SHORT_READ');
  assert.is(fixture.holds, 0);
});

check('an error of the read is thrown and ends the wait', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd, 4);
  throws(() => wait.pollWait(fixture.waker), 'EINVAL');
  assert.is(fixture.holds, 0);
  fixture.close(fd);
  throws(() => wait.pollWait(fixture.waker), 'EBADF');
});

check('a wait whose number is known to mean another file takes nothing from it', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  fixture.close(fd);
  assert.is(fixture.own(eventfd(5)), fd);
  const young = fixture.wait(fd);
  throws(() => wait.pollWait(fixture.waker), 'EBADF');
  assert.is(young.pollWait(fixture.waker), undefined);
  assert.is(young.value, 5n);
});

check('a poll that finds out that its number means another file waits for nothing', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  fixture.close(fd);
  assert.is(fixture.own(eventfd(0)), fd);
  throws(() => wait.pollWait(fixture.waker), 'EBADF');
  wait.wakeAll();
  assert.equal([fixture.wakes, fixture.holds], [0, 0]);
});

check('a disposed wait consumes nothing, is not woken, and throws when it is polled', (fixture) => {
  const fd = fixture.eventfd();
  const wait = fixture.wait(fd);
  wait.pollWait(fixture.waker);
  signal(fd);
  wait[Symbol.dispose]();
  wait[Symbol.dispose]();
  fixture.set.drain();
  assert.is(fixture.wakes, 0);
  assert.is(fixture.holds, 0);
  assert.is(consume(fd), 1n);
  throws(() => wait.pollWait(fixture.waker), 'ERR_POLYRING_DISPOSED');
  throws(() => wait.pollCancelWait(fixture.waker), 'ERR_POLYRING_DISPOSED');
});

check('what cannot be polled or is not open makes no wait', (fixture) => {
  const fd = fixture.eventfd();
  fixture.close(fd);
  throws(() => fixture.wait(fd), 'EBADF');
  const [, writeFd] = pipe2();
  fixture.wait(writeFd, 1)[Symbol.dispose]();
  close(writeFd);
});

test.run();
