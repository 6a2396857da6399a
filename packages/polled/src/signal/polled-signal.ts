import { checkDriver, closedError, type Driver, InterestSlot, type Referenced } from '@polyring/core';
import {
  own,
  parseSignals,
  SIGNALFD_SIGINFO_SIZE,
  type SignalInfo,
  type SignalName,
  signalfd,
  tryRead,
} from '@polyring/sys';
import type { CallOptions } from '../transfer/call-options.js';
import { Channel } from '../transfer/channel.js';
import { fdReadiness } from '../transfer/readiness.js';
import { HeldSignals } from './held-signals.js';

/**
 * Signals of this process as a queue: read one by one, or with `for await`.
 *
 * While it is open the signals have no other effect, and `process.on()` does not see them (signalfd(2)). Signals
 * belong to the main thread, and a signalfd is readable there only: a driver that polls in a thread of its own never
 * reports it. Several of one kind that arrive before they are read may count as one, as always. The order may be another
 * than that of sending, also of real-time signals: the kernel hands some to other threads, which pass them on. Where
 * several objects have a signal, each that comes is read by one of them, and what it did before comes back with the end
 * of the last.
 *
 * Do not add or remove listeners of `process.on()` for a signal that an object has: the first would take it away from the
 * object, and without the last it may end the process. Leave SIGCHLD to Node.js, which learns of the end of its children
 * by it, and use `PolledChild`.
 *
 * @example
 * ```ts run
 * import { createDriver, PolledSignal } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const signals = new PolledSignal(driver, ['SIGUSR2']);
 * process.kill(process.pid, 'SIGUSR2');
 * const { signal, pid } = await signals.next();
 * console.log(`${signal} from this process: ${pid === process.pid}`);
 * signals[Symbol.dispose]();
 * await driver.close();
 * ```
 */
export class PolledSignal implements Disposable, Referenced {
  readonly #signals: HeldSignals;
  readonly #channel: Channel;
  readonly #bytes = new Uint8Array(SIGNALFD_SIGINFO_SIZE);

  /**
   * @param signals names or numbers, at least one
   * @throws ERR_POLYRING_UNSUPPORTED in a worker; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE;
   * EMFILE, ENFILE; ERR_POLYRING_CLOSED
   */
  constructor(driver: Driver, signals: readonly (SignalName | number)[]) {
    checkDriver(driver);
    if (driver.closed) throw closedError(driver.name);
    const fd = signalfd(signals);
    own(fd);
    this.#signals = new HeldSignals(signals);
    this.#channel = new Channel(driver, fd, 'signal', fdReadiness);
    this.#channel.end(InterestSlot.Write);
  }

  /**
   * Waits for the next signal. Those who wait are told of signals in the order in which they asked.
   *
   * @throws (rejects) AbortError; ERR_POLYRING_TIMEOUT, ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  next(options?: CallOptions): Promise<SignalInfo> {
    return this.#channel.reading.run({ syscall: 'read', attempt: () => this.#read() }, options);
  }

  /** Every signal from now on. Leaving the loop leaves this open; disposing of this rejects it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SignalInfo, void, void> {
    for (;;) yield await this.next();
  }

  /** Lets waiting keep the process alive. This is how it starts. */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** Lets the process end in the middle of a wait. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#channel.hasRef();
  }

  /**
   * Ends every wait, whose promise rejects with ERR_POLYRING_DISPOSED, and gives those signals back what they did
   * before that no other object has. Those that wait to be read are discarded.
   */
  [Symbol.dispose](): void {
    if (this.#channel.disposed) return;
    this.#channel[Symbol.dispose]();
    this.#signals.release();
  }

  #read(): SignalInfo | number {
    const length = tryRead(this.#channel.fd, this.#bytes);
    return length < 0 ? length : (parseSignals(this.#bytes, length)[0] as SignalInfo);
  }
}
