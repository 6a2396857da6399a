import { Errno, type PollEvents, type RawFd, systemError } from '@polyring/core';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLL_EVENT_WORDS,
  EPOLLONESHOT,
  epollCreate,
  epollCtl,
  epollWait,
  fcntlGetFlags,
} from '@polyring/sys';
import type { NativeRing } from '../kernel/binding.js';

/**
 * A poll of the events that POLL_ADD does not tell exactly, through an epoll set of its own that the ring polls instead.
 *
 * POLL_ADD believes what a socket says when it wakes its waiters, which is IN|PRI for any data, and a waiter for
 * PRI alone it leaves asleep. And it completes with RDHUP whether it was asked for that or not. An epoll set asks the
 * file itself, and tells of RDHUP where it is asked to.
 */
export class ExactPoll {
  /** What the ring is to poll for IN. */
  readonly fd: RawFd;
  readonly #descriptors: Pick<NativeRing, 'adopt' | 'closeAdopted'>;
  readonly #watched: RawFd;
  #added = false;

  /** @throws EBADF, EMFILE, ENFILE, ENOMEM */
  constructor(watched: RawFd, descriptors: Pick<NativeRing, 'adopt' | 'closeAdopted'>) {
    this.#watched = watched;
    this.#descriptors = descriptors;
    // The set takes the lowest free number, which is that of a descriptor just closed.
    fcntlGetFlags(watched);
    this.fd = epollCreate();
    descriptors.adopt(this.fd);
  }

  /** Asks for events once. Throws the system error of epoll_ctl(2); EBADF if the descriptor was closed. */
  arm(events: PollEvents): void {
    const operation = this.#added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    const result = epollCtl(this.fd, operation, this.#watched, events | EPOLLONESHOT, 0, 0);
    // What the set does not find was there before: the number was closed, or means another file.
    if (result < 0) throw systemError(this.#added ? Errno.EBADF : result, 'epoll_ctl', { fd: this.#watched });
    this.#added = true;
  }

  /** The events that hold among those asked for; empty if the set woke for nothing. */
  take(): PollEvents {
    const event = new Uint32Array(EPOLL_EVENT_WORDS);
    return epollWait(this.fd, event, 1) === 1 ? (event[0] as number) : 0;
  }

  close(): void {
    this.#descriptors.closeAdopted(this.fd);
  }
}
