import { closeSync } from 'node:fs';
import type { PollEvents, RawFd } from '@polyring/core';
import {
  close,
  EPOLL_CTL_ADD,
  EPOLL_EVENT_WORDS,
  EPOLLIN,
  epollCreate,
  epollCtl,
  epollWait,
  eventfd,
  read,
  write,
} from '@polyring/sys';
import { test } from 'uvu';
import { EpollSet } from './epoll-set.js';
import type { Member, Registration } from './registration.js';

const ONE = BigUint64Array.of(1n);

/** Adds one to an eventfd. */
export function signal(fd: RawFd): void {
  write(fd, ONE);
}

/** Takes an eventfd's counter. */
export function consume(fd: RawFd): bigint {
  const counter = new BigUint64Array(1);
  read(fd, counter);
  return counter[0]!;
}

/** A member that keeps what it gets and can run something in place of a waker. */
export class Recorder implements Member {
  readonly delivered: PollEvents[] = [];
  readonly registration: Registration;
  wanted: PollEvents;
  onDeliver: (() => void) | undefined;
  readonly #set: EpollSet;

  /** @param wanted waited for until it comes; then the recorder waits for nothing */
  constructor(set: EpollSet, fd: RawFd, wanted: PollEvents = 0) {
    this.#set = set;
    this.wanted = wanted;
    this.registration = set.join(fd, this);
    if (wanted !== 0) set.arm(this.registration);
  }

  deliver(events: PollEvents): boolean {
    if ((events & this.wanted) === 0) return false;
    this.take(events);
    return true;
  }

  wakeAll(): void {
    this.take(0);
  }

  private take(events: PollEvents): void {
    this.wanted = 0;
    this.delivered.push(events);
    this.onDeliver?.();
  }

  waitFor(wanted: PollEvents): void {
    this.wanted = wanted;
    this.#set.arm(this.registration);
  }

  leave(): void {
    this.wanted = 0;
    this.#set.leave(this.registration, this);
  }
}

/** An epoll set that nobody drains but the test, watched from outside as the loop watches it. */
export class SetFixture {
  readonly set = new EpollSet(epollCreate());
  readonly #loop = epollCreate();
  readonly #events = new Uint32Array(EPOLL_EVENT_WORDS);
  readonly #fds = new Set<RawFd>([this.set.fd, this.#loop]);

  constructor() {
    epollCtl(this.#loop, EPOLL_CTL_ADD, this.set.fd, EPOLLIN, 0, 0);
  }

  /** Whether the set would wake the loop within `milliseconds`. */
  wakesLoop(milliseconds = 0): boolean {
    return epollWait(this.#loop, this.#events, 1, milliseconds) === 1;
  }

  /** An eventfd that ends with the fixture. */
  eventfd(initial = 0): RawFd {
    return this.own(eventfd(initial));
  }

  /** Closes a descriptor with the fixture unless it was closed before. */
  own(fd: RawFd): RawFd {
    this.#fds.add(fd);
    return fd;
  }

  close(fd: RawFd): void {
    this.#fds.delete(fd);
    closeSync(fd);
  }

  [Symbol.dispose](): void {
    this.set.close();
    for (const fd of this.#fds) close(fd);
  }
}

/** A test with a set of its own. */
export function check(name: string, body: (fixture: SetFixture) => void | Promise<void>): void {
  test(name, async () => {
    const fixture = new SetFixture();
    try {
      await body(fixture);
    } finally {
      fixture[Symbol.dispose]();
    }
  });
}
