import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type LoopHold, now, type RawFd, type TimerSet } from '@polyring/core';
import { close, eventfd, LoopWatch, tryRead, write } from '@polyring/sys';
import type { Interest, PollThreadData, Report, Request } from './protocol.js';
import { type Listener, Registration } from './registration.js';

/** Milliseconds that the thread may take to start. It takes some tens, on a busy machine some hundreds. */
const LONGEST_START = 10_000;

/** What is written to an eventfd. */
const ONE = BigUint64Array.of(1n);

/**
 * The poll thread, as the JavaScript thread sees it that it works for. All drivers of that thread share it, because
 * starting one takes tens of milliseconds. It starts with the first driver and ends with its JavaScript thread.
 */
export class PollThread {
  static #current: PollThread | undefined;

  readonly #port: MessagePort;
  readonly #wakeFd: RawFd;
  readonly #reportFd: RawFd;
  readonly #watch: LoopWatch;
  readonly #progress = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)).fill(-1n);
  readonly #registrations = new Map<number, Registration>();
  readonly #timers = new Set<TimerSet>();
  /** What the next request is about. */
  readonly #changed = new Set<Registration>();
  #scheduled = false;
  #deadline = Number.POSITIVE_INFINITY;
  #sequence = 0;
  #ids = 0;

  /**
   * The poll thread that works for the calling thread.
   *
   * @throws EMFILE, ENFILE, or what else prevents it from starting
   */
  static current(): PollThread {
    PollThread.#current ??= new PollThread();
    return PollThread.#current;
  }

  private constructor() {
    const { port1, port2 } = new MessageChannel();
    const [wakeFd, reportFd] = twoEventfds();
    this.#port = port1;
    this.#wakeFd = wakeFd;
    this.#reportFd = reportFd;
    // The watch closes both descriptors: a JavaScript thread that is terminated runs no code of ours.
    this.#watch = new LoopWatch(reportFd, () => this.#drain(), { owns: [wakeFd, reportFd] });
    this.#start({ port: port2, wakeFd, reportFd, progress: this.#progress });
  }

  /** What keeps the event loop alive. */
  get hold(): LoopHold {
    return this.#watch;
  }

  register(fd: RawFd, listener: Listener): Registration {
    this.#ids += 1;
    const registration = new Registration(this.#ids, fd, listener);
    this.#registrations.set(registration.id, registration);
    return registration;
  }

  /** Sees to it that the thread watches for what the listener wants, before the loop sleeps. */
  arm(registration: Registration): void {
    if ((registration.listener.wanted & ~registration.armed) === 0) return;
    this.#changed.add(registration);
    this.schedule();
  }

  /**
   * Takes registrations out. When it returns, the kernel holds none of their files: poll(2) keeps each one open while
   * it sleeps, so the thread is woken and waited for. Only what the thread watches for at the moment costs that.
   */
  remove(registrations: Iterable<Registration>): void {
    const watched: Interest[] = [];
    for (const registration of registrations) {
      const { id, fd, armed } = registration;
      this.#registrations.delete(id);
      this.#changed.delete(registration);
      if (armed !== 0) watched.push({ id, fd, events: 0 });
      registration.armed = 0;
    }
    if (watched.length > 0) this.#waitFor(this.#request(watched));
  }

  addTimers(timers: TimerSet): void {
    this.#timers.add(timers);
  }

  removeTimers(timers: TimerSet): void {
    this.#timers.delete(timers);
  }

  /** Sends what has changed at the end of this tick: one request for all that happens in it. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const earliest = this.#earliest();
    const isDue = earliest <= now();
    const changed = [...this.#changed].filter(({ listener }) => listener.wanted !== 0);
    this.#changed.clear();
    // A timer that is due already needs a drain, and not the thread.
    if (isDue) write(this.#reportFd, ONE);
    if (changed.length === 0 && (isDue || earliest >= this.#deadline)) return;
    // Never moved further: that it is due once for nothing is cheaper than a request for each timer that is given up.
    if (!isDue) this.#deadline = Math.min(earliest, this.#deadline);
    for (const registration of changed) {
      registration.armed = registration.listener.wanted;
      registration.request = this.#sequence + 1;
    }
    this.#request(changed.map(({ id, fd, armed }) => ({ id, fd, events: armed })));
  };

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const timers of this.#timers) earliest = Math.min(earliest, timers.earliest ?? earliest);
    return earliest;
  }

  #request(interests: readonly Interest[]): number {
    this.#sequence += 1;
    this.#send({ sequence: this.#sequence, interests, deadline: this.#deadline });
    return this.#sequence;
  }

  #send(request: Request): void {
    this.#port.postMessage(request);
    write(this.#wakeFd, ONE);
  }

  /** Blocks until the thread has come as far as a request. */
  #waitFor(sequence: number, limit = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const progress = Atomics.load(this.#progress, 0);
      if (progress >= sequence) return;
      if (Atomics.wait(this.#progress, 0, progress, limit) === 'timed-out') {
        throw new Error(`The poll thread did not start within ${limit} ms`);
      }
    }
  }

  /** The only caller of wakers while a driver is open. */
  #drain(): void {
    // From a promise, because ticks run before the promises that the wakers resolve, and those often poll again.
    this.#scheduled = true;
    queueMicrotask(() => process.nextTick(this.#flush));
    tryRead(this.#reportFd, new BigUint64Array(1));
    for (let item = receiveMessageOnPort(this.#port); item !== undefined; item = receiveMessageOnPort(this.#port)) {
      this.#deliver(item.message);
    }
    for (const timers of [...this.#timers]) timers.fire();
  }

  #deliver({ sequence, ready, due }: Report): void {
    if (due) this.#deadline = Number.POSITIVE_INFINITY;
    for (const { id, events } of ready) {
      const registration = this.#registrations.get(id);
      if (registration === undefined) continue;
      // Otherwise it was armed anew after the thread looked, and still is.
      if (registration.request <= sequence) registration.armed = 0;
      registration.listener.deliver(events);
      if (this.#registrations.has(id)) this.arm(registration);
    }
  }

  #start(data: PollThreadData): void {
    let worker: Worker | undefined;
    try {
      worker = new Worker(new URL('./poll-loop.js', import.meta.url), {
        workerData: data,
        transferList: [data.port],
        execArgv: [],
        name: 'polyring-poll',
      });
      worker.unref();
      this.#waitFor(0, LONGEST_START);
    } catch (error) {
      void worker?.terminate();
      this.#watch.close();
      throw error;
    }
    process.once('exit', () => this.#send('end'));
  }
}

function twoEventfds(): [RawFd, RawFd] {
  const first = eventfd();
  try {
    return [first, eventfd()];
  } catch (error) {
    close(first);
    throw error;
  }
}
