import type { ChildProcess } from 'node:child_process';
import {
  checkDriver,
  checkInteger,
  closedError,
  type Driver,
  disposedError,
  InterestSlot,
  invalidArgValue,
  PollEvents,
  PolledFd,
  type PollOptions,
  type RawFd,
  type Referenced,
} from '@polyring/core';
import { close, own, type ProcessExit, pidfdOpen, pidfdSendSignal, type SignalName, waitPidfd } from '@polyring/sys';
import { pollsAsReadable } from '../transfer/byte-calls.js';
import type { CallOptions } from '../transfer/call-options.js';
import { limited } from '../transfer/limited.js';

const LARGEST_PID = 0x7fffffff;

/** What is said of a process whose end nobody tells. */
const UNKNOWN: ProcessExit = { exitCode: null, signal: null };

/**
 * A process that is waited for and sent signals to through a pidfd, so that it is never mistaken for another one that
 * got its number later.
 *
 * It is nobody's owner: it reaps nothing, so that the events of a `ChildProcess` come as ever, and disposing of it ends
 * no process.
 *
 * @example
 * ```ts run
 * import { spawn } from 'node:child_process';
 * import { createDriver, PolledChild } from 'polyring';
 *
 * const { driver } = await createDriver();
 * const child = new PolledChild(driver, spawn('sh', ['-c', 'exit 3']));
 * const { exitCode } = await child.wait({ timeout: 10_000 });
 * console.log(`it ended with ${exitCode}`);
 * child[Symbol.dispose]();
 * await driver.close();
 * ```
 */
export class PolledChild implements Disposable, Referenced {
  /** The number of the process. Once it was reaped another one may get it. */
  readonly pid: number;
  readonly #driver: Driver;
  readonly #child: ChildProcess | undefined;
  readonly #fd: RawFd | undefined;
  readonly #ready: PolledFd | undefined;
  #exit: ProcessExit | undefined;
  #disposed = false;

  /**
   * @param process a child of Node.js, or the number of any process. A number may be another process's by now, unless
   * it is that of a child that was not reaped
   * @throws ESRCH if there is no such process; ENOENT, on older kernels EINVAL, for the number of a thread; EMFILE, ENFILE;
   * ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_INVALID_ARG_VALUE for a child that could not be
   * started
   */
  constructor(driver: Driver, process: ChildProcess | number) {
    checkDriver(driver);
    this.#driver = driver;
    if (typeof process === 'object' && process !== null) {
      if (process.pid === undefined) throw invalidArgValue('process', 'a child that was started', process.spawnfile);
      checkInteger(process.pid, 'process.pid', 1, LARGEST_PID);
      this.#child = process;
      this.#exit = exitOf(process);
      this.pid = process.pid;
    } else {
      this.pid = process;
    }
    // Node.js reaps a child and says so in one step: as long as it has not said so, the number is the child's.
    if (this.#exit !== undefined) {
      if (driver.closed) throw closedError(driver.name);
      return;
    }
    this.#fd = pidfdOpen(this.pid);
    own(this.#fd);
    try {
      this.#ready = new PolledFd(driver, this.#fd);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** How the process ended, as far as a wait has told; undefined before. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /**
   * Waits for the end of the process.
   *
   * Of a process that is no child of this one the kernel tells only after its parent has reaped it, which is waited for,
   * and only from Linux 6.15 on. On older kernels both members are null: it ended, and nobody tells how. Where only
   * Node.js tells, on older kernels and of a child that had ended before this was made, a signal without a name, such
   * as SIG40, is told as an exit with 0.
   *
   * @returns the exit code, or the signal that ended it
   * @throws (rejects) AbortError; ERR_POLYRING_TIMEOUT, ERR_POLYRING_DISPOSED, ERR_POLYRING_CLOSED;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  wait(options?: CallOptions): Promise<ProcessExit> {
    return limited(this.#driver, options, async (limits) => {
      this.#check();
      this.#exit ??= await this.#ended(limits);
      return this.#exit;
    });
  }

  /**
   * Sends a signal to the process (pidfd_send_signal(2)).
   *
   * @param signal a name or a number; 0 only asks whether it could be sent
   * @returns false if the process has ended, reaped or not
   * @throws EPERM; ERR_POLYRING_DISPOSED; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
   */
  kill(signal: SignalName | number = 'SIGTERM'): boolean {
    this.#check();
    // The kernel takes signals for a process that has ended until it is reaped.
    if (this.#fd === undefined || this.#exit !== undefined || pollsAsReadable(this.#fd)) return false;
    try {
      pidfdSendSignal(this.#fd, signal);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  /** Lets waiting keep the process alive that waits. This is how it starts. */
  ref(): this {
    this.#ready?.ref();
    return this;
  }

  /** Lets it end in the middle of a wait. */
  unref(): this {
    this.#ready?.unref();
    return this;
  }

  hasRef(): boolean {
    return this.#ready?.hasRef() ?? false;
  }

  /** Ends every wait, whose promise rejects with ERR_POLYRING_DISPOSED. The process goes on. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#ready?.[Symbol.dispose]();
    if (this.#fd !== undefined) close(this.#fd);
  }

  /** Behind each wait too: once this was disposed of, the descriptor's number may mean another process. */
  #check(): void {
    if (this.#disposed) throw disposedError('child');
  }

  async #ended(limits: PollOptions | undefined): Promise<ProcessExit> {
    const ready = this.#ready as PolledFd;
    await ready.ready(InterestSlot.Read, PollEvents.IN, limits);
    this.#check();
    const exit = this.#ask();
    if (exit !== undefined) return exit;
    // A stranger's child: it is readable since it ended, and hung up once it was reaped.
    await ready.ready(InterestSlot.Write, PollEvents.EMPTY, limits);
    this.#check();
    return this.#ask() ?? UNKNOWN;
  }

  #ask(): ProcessExit | undefined {
    try {
      return waitPidfd(this.#fd as RawFd);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECHILD') throw error;
      // The kernel is asked first: Node.js takes the end by a signal without a name for an exit with 0.
      const child = this.#child;
      return (child && exitOf(child)) ?? UNKNOWN;
    }
  }
}

function exitOf({ exitCode, signalCode }: ChildProcess): ProcessExit | undefined {
  return exitCode === null && signalCode === null ? undefined : { exitCode, signal: signalCode };
}
