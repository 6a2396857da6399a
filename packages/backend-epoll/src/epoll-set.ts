import {
  ALWAYS_REPORTED,
  behindMicrotasks,
  Errno,
  PollEvents,
  type RawFd,
  systemError,
  TOLD_A_TURN,
} from '@polyring/core';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLL_EVENT_WORDS,
  EPOLLET,
  EPOLLONESHOT,
  epollCtl,
  epollWait,
} from '@polyring/sys';
import type { Member, Registration } from './registration.js';
import { RegistrationTable } from './registration-table.js';

const { EBADF, EEXIST } = Errno;

/** Events that are told before the promises that they settle go on. Fewer are a call more often, more make who is told first wait. */
const TOLD_TOGETHER = 16;

/** What makes a registration eventful. */
const EVENTFUL = ALWAYS_REPORTED | PollEvents.PRI;

/** Of events of a registration, so that twice the count is still a small integer. */
const COUNT_MASK = 0xfffffff;

/** As int32: a number of 32 bits with the highest one set would be a heap number. */
const EDGE_TRIGGERED = EPOLLET | 0;
/** Nobody waits: ERR and HUP, which cannot be masked, are reported once at most. */
const DORMANT = EPOLLET | EPOLLONESHOT;

/**
 * The registrations of one driver in its private epoll set.
 *
 * What the kernel is asked to report, and when:
 *
 * - A registration is added dormant, and asks for the union of what its members wait for. Asking for every event once
 *   and for all would save each later call, but then whatever happens to a descriptor wakes the loop: an eventfd is
 *   "writable" again after each of its reads, and a peer that floods a paused reader costs a wake-up per packet.
 * - It is edge-triggered, so that readiness nobody waits for costs nothing, and a set nested in the loop's own
 *   level-triggered one does not make it spin.
 * - A waiter that finds no kept readiness arms it by EPOLL_CTL_MOD, which reports the present state as an edge. So
 *   arming cannot race with an edge that came before it, was reported to somebody else or was cleared without
 *   reading up to EAGAIN; and a program that was written on io_uring, whose polls look at the state as well, meets
 *   the same here. The call takes about 0.3 µs; a wake-up through the loop, with the read and the write it is
 *   for, takes 4 µs.
 * - A waiter that has just seen EAGAIN itself, as a consuming wait has, or that says so when it clears, needs no such
 *   report unless an event came since: see {@link expect}. Its registration stays armed from wake to wake, without a call.
 * - An event that finds nobody waiting for it is dropped, because the next waiter arms anew. The second such event in
 *   a row takes what nobody wants out of the mask. Not the first: a wait whose signals come before it is polled
 *   would otherwise pay two calls for each.
 */
export class EpollSet {
  readonly fd: RawFd;
  readonly #table = new RegistrationTable();
  /** The registration that a number means now: the one that may be changed and deleted by that number. */
  readonly #current = new Map<RawFd, Registration>();
  readonly #events = new Uint32Array(TOLD_TOGETHER * EPOLL_EVENT_WORDS);
  /** Events that may be told of before the loop turns; after that a set that still has events brings the next drain. */
  #left = 0;
  /** There were as many events at once as are told together, since the drain began. */
  #crowded = false;
  #closed = false;

  /** @param fd the epoll set's descriptor, which stays the caller's */
  constructor(fd: RawFd) {
    this.fd = fd;
  }

  /**
   * Registers a member for a descriptor.
   *
   * The kernel is always asked to add it, because it alone knows which file the number means: EEXIST says that this
   * very file is registered by this number, so the registration is shared; success says that a registration known
   * by this number is of a file that was closed before its members were disposed.
   *
   * @throws EBADF, EPERM, ENOMEM, ENOSPC, ELOOP as epoll_ctl(2)
   */
  join(fd: RawFd, member: Member): Registration {
    const known = this.#current.get(fd);
    const registration = this.#table.make(fd, member);
    let result = this.#control(EPOLL_CTL_ADD, registration, DORMANT);
    if (result === EEXIST && known?.stale === false) {
      this.#table.remove(registration);
      known.members = [...known.members, member];
      return known;
    }
    // Closed before disposal, kept alive by a duplicate, and back under its old number: the item is taken over.
    if (result === EEXIST) result = this.#control(EPOLL_CTL_MOD, registration, DORMANT);
    if (result < 0) {
      this.#table.remove(registration);
      throw systemError(result, 'epoll_ctl', { fd });
    }
    if (known !== undefined) known.stale = true;
    this.#current.set(fd, registration);
    return registration;
  }

  /**
   * Takes a member out, and the registration with its last one.
   *
   * A registration whose number names another file is not deleted by that number: a file that was closed has left
   * the set by itself. Where the number was closed and this is not known yet the kernel answers EBADF or ENOENT,
   * which is the end that was wanted. What epoll(7) warns of remains: a file closed before disposal whose
   * duplicate stays open cannot be named any more. Its events find no registration and are dropped.
   */
  leave(registration: Registration, member: Member): void {
    registration.members = registration.members.filter((each) => each !== member);
    if (registration.members.length > 0) return;
    this.#table.remove(registration);
    if (this.#current.get(registration.fd) !== registration) return;
    this.#current.delete(registration.fd);
    if (!this.#closed) this.#control(EPOLL_CTL_DEL, registration, 0);
  }

  /**
   * Asks the kernel to report what the members want, and what of it holds already.
   *
   * @throws EBADF if the file was closed before disposal
   */
  arm(registration: Registration): void {
    // A registration that the kernel does not find was there before: the number was closed, or means another file.
    if (!registration.stale && this.#modify(registration) < 0) registration.stale = true;
    if (registration.stale) throw systemError(EBADF, 'epoll_ctl', { fd: registration.fd });
  }

  /**
   * As {@link arm}, for a member of whose IN or OUT nothing holds, where no event has come since that was seen: an edge
   * that comes after that is reported anyway where the kernel reports these events already. Ends and errors that came
   * before are looked for. That the file was closed is not seen, as only a call to the kernel would say so.
   */
  expect(registration: Registration, member: Member): void {
    const { stale, eventful, mask } = registration;
    if (!stale && !eventful && (member.wanted & ~mask) === 0) registration.lonely = false;
    else this.arm(registration);
  }

  /** Takes the events that are there and wakes whom they concern. The only caller of wakers while the set is open. */
  drain(): void {
    this.#left = TOLD_A_TURN;
    this.#crowded = false;
    this.#take();
  }

  /**
   * Takes a few events at a time, see {@link TOLD_TOGETHER}, until there are none: those who were woken may have brought
   * the next, and a turn of the loop for each takes longer. Where many come, it is the other way round: more of them are
   * there after a turn. Whoever is woken may close the driver, and its descriptor with it.
   */
  readonly #take = (): void => {
    if (this.#closed) return;
    const count = epollWait(this.fd, this.#events, TOLD_TOGETHER);
    for (let at = 0; at < count * EPOLL_EVENT_WORDS; at += EPOLL_EVENT_WORDS) {
      if (this.#closed) return;
      this.#dispatch(this.#events[at]!, this.#events[at + 1]!, this.#events[at + 2]!);
    }
    this.#left -= count;
    const full = count === TOLD_TOGETHER;
    this.#crowded ||= full;
    if (count > 0 && (full || !this.#crowded) && this.#left > 0) behindMicrotasks(this.#take);
  };

  /** Ends all use of the kernel's set. */
  close(): void {
    this.#closed = true;
  }

  /** Wakes every waiter, so that its next poll sees that the driver is closed. */
  wakeAll(): void {
    for (const registration of this.#table.all()) {
      for (const member of registration.members) member.wakeAll();
    }
  }

  #dispatch(events: number, index: number, generation: number): void {
    const registration = this.#table.find(index, generation);
    if (registration === undefined) return;
    registration.events = (registration.events + 1) & COUNT_MASK;
    if ((events & EVENTFUL) !== 0) registration.eventful = true;
    let woken = false;
    const asked = events & registration.mask;
    for (const member of registration.members) {
      if (member.deliver(asked)) woken = true;
    }
    if (woken) return;
    if (registration.lonely && !registration.stale) this.#modify(registration);
    registration.lonely = true;
  }

  #modify(registration: Registration): number {
    const mask = registration.wanted;
    registration.mask = mask;
    registration.lonely = false;
    if (mask === 0) return this.#control(EPOLL_CTL_MOD, registration, DORMANT);
    // The set is to know of the first urgent data, wanted or not.
    const unasked = registration.eventful ? 0 : PollEvents.PRI;
    return this.#control(EPOLL_CTL_MOD, registration, mask | unasked | EDGE_TRIGGERED);
  }

  #control(operation: number, { fd, index, generation }: Registration, events: number): number {
    return epollCtl(this.fd, operation, fd, events, index, generation);
  }
}
