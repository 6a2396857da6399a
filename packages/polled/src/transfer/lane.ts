import { setImmediate } from 'node:timers';
import {
  ALWAYS_REPORTED,
  closedError,
  type Driver,
  Errno,
  type InterestSlot,
  type PollEvents,
  type RawFd,
  type Referenced,
  systemError,
  type Waker,
} from '@polyring/core';
import { type Call, type CallHost, type CallParts, callOf } from './call.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { CallQueue } from './call-queue.js';
import type { RingWork, RingWorkHost } from './completing.js';
import { FalseAlarms } from './false-alarms.js';
import type { Readiness, Sleeper } from './readiness.js';
import type { Turns } from './turns.js';

const { EAGAIN } = Errno;

/** What a lane asks of its descriptor. */
export interface LaneHost
  extends Pick<Turns, 'turnOver' | 'countCall' | 'beginTurn' | 'endTurn'>,
    Pick<Referenced, 'hasRef'> {
  readonly driver: Driver;
  readonly fd: RawFd;
  /** What says that a direction is ready, made when it is first waited for. */
  readiness(slot: InterestSlot): Readiness;
  /** Whether somebody waits in a direction has changed. */
  waitingChanged(slot: InterestSlot): void;
  /** A call of a direction has failed. */
  failed(slot: InterestSlot, errno: number, syscall: string): void;
  /** Whether a ring works on the writing direction. */
  readonly sends: boolean;
  /** How the connection was lost, where that is the outcome of a send that nobody was told of yet; 0 otherwise. */
  untoldLoss(): number;
}

/**
 * One direction of a non-blocking descriptor, which is the queue of its calls: they are served in the order they came.
 *
 * A call is attempted at once, unless others wait, or the last one has found nothing or left nothing; otherwise it waits
 * until the descriptor is ready. As an attempt and the settling of its promise are one step, a call that its signal or its
 * time has ended has transferred nothing.
 *
 * Where a ring does a call, it settles at the end of its operation, which tells what was done.
 */
export class Lane extends CallQueue implements CallHost, RingWorkHost, Sleeper {
  readonly #host: LaneHost;
  readonly #slot: InterestSlot;
  readonly #events: PollEvents;
  /** The last attempt has found nothing, or less than there was room for, or left nothing. */
  #drained = false;
  /** The events of a poll that the attempt under way follows at once; 0 for others. */
  #reported: PollEvents = 0;
  #polling = false;
  #waker: Waker | undefined;
  #yielding = false;
  #endError: (() => unknown) | undefined;
  /** What a ring does for the first call of the queue. */
  #work: RingWork | undefined;
  /** What few lanes have; made when it is needed. */
  #rare: Rare | undefined;

  constructor(host: LaneHost, slot: InterestSlot, events: PollEvents) {
    super();
    this.#host = host;
    this.#slot = slot;
    this.#events = events;
  }

  get driver(): Driver {
    return this.#host.driver;
  }

  /** Whether nobody waits any more for a poll that cannot be taken back. */
  get givenUp(): boolean {
    return this.#polling && this.empty;
  }

  /** Whether a ring works on the descriptor. */
  get active(): boolean {
    return this.#work !== undefined;
  }

  /**
   * Makes a call: now or when the descriptor is ready; or by a ring, which does some from the start.
   *
   * @throws (rejects) the system error of the attempt; what the attempt throws; AbortError; ERR_POLYRING_TIMEOUT; the
   * error that the lane was ended with; ERR_POLYRING_CLOSED; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
   */
  run<T>(parts: CallParts<T>, options?: CallOptions): Promise<T> {
    let call: Call<T> | undefined;
    try {
      const limits = this.#admit(options);
      const isFree = this.empty && (!this.#drained || parts.eager === true) && !this.#host.turnOver;
      if (isFree && parts.completing?.first === true) {
        call = callOf(parts, this, limits);
        if (this.#submit(call as Call<unknown>)) {
          this.push(call as Call<unknown>);
          return call.promise;
        }
      }
      if (isFree) {
        const result = parts.attempt();
        if (result !== EAGAIN) {
          this.#host.countCall();
          const checked = this.#checked(result, parts) as T;
          if (call === undefined) return Promise.resolve(checked);
          call.resolve(checked);
          return call.promise;
        }
      }
      call ??= callOf(parts, this, limits);
      if (isFree) this.#wait(call as Call<unknown>);
      this.push(call as Call<unknown>);
      if (this.single) this.#start();
      return call.promise;
    } catch (error) {
      if (call === undefined) return Promise.reject(parts.failed?.(error) ?? error);
      // Its signal and its time are to end nothing any more.
      call.reject(error);
      return call.promise;
    }
  }

  /**
   * Says that the attempt under way got less than it had room for: what comes now is announced, so the next call asks
   * for that first. Where the end of the stream, or an error, was announced already that is not so.
   *
   * @param drained whether no byte is left by that
   */
  foundLess(drained: boolean): void {
    if ((this.#reported & ALWAYS_REPORTED) !== 0) return;
    if (this.#reported !== 0) this.#clear(drained);
    this.#drained = true;
  }

  /**
   * Says that an attempt has taken the last of what was received ahead, so that the next call waits first. Who receives ahead
   * knows it too: nothing is cleared.
   */
  foundLast(): void {
    this.#drained = true;
  }

  /**
   * Says that the connection has failed. The kernel tells of that once, and has told a call of the other direction; here it
   * gives an end, which is told as that error.
   */
  failAtEnd(errno: number): void {
    this.#needRare().endErrno = errno;
  }

  /** Says that the connection is another one from now on, whose end is none of the one that failed. */
  forgetFailure(): void {
    if (this.#rare !== undefined) this.#rare.endErrno = 0;
  }

  /** Says that the attempt under way has found something, though it is not over. */
  foundSome(): void {
    this.#reported = 0;
    this.#rare?.falseAlarms.reset();
  }

  /**
   * As {@link foundSome}, of an attempt that has done the work of many and not looked whether there is more: it is made
   * again when the loop has turned.
   */
  goOnLater(): void {
    this.foundSome();
    this.#needRare().goesOn = true;
    this.#host.endTurn();
  }

  /**
   * Rejects whoever waits, and every later call.
   *
   * @param makeError makes the error of one call
   * @param over is called, possibly at once, when no ring works on the descriptor
   */
  end(makeError: () => unknown, over: () => void): void {
    this.#endError ??= makeError;
    const { active } = this;
    if (active && !this.single) this.flush();
    for (const call of this.takeAll(active)) call.reject(this.#unlessClosed(makeError));
    this.#host.waitingChanged(this.#slot);
    this.whenQuiet(over);
    if (active) this.#endFirst(this.#unlessClosed(makeError));
  }

  /** Calls back when no ring works on the descriptor, possibly at once. For a lane that was ended, which starts nothing more. */
  whenQuiet(over: () => void): void {
    if (!this.active) {
      over();
      return;
    }
    const rare = this.#needRare();
    const { whenOver } = rare;
    rare.whenOver = () => {
      whenOver?.();
      over();
    };
  }

  /**
   * Says that nothing more comes, for who attempts without blocking is told EAGAIN still. What is there, or comes all the
   * same, is given; a call that finds nothing ends without it.
   */
  exhaust(): void {
    this.#needRare().exhausted = true;
  }

  /** Whether a call has found nothing where nothing more comes. */
  get over(): boolean {
    return this.#rare?.over === true;
  }

  /** Attempts again what waits, as something has happened that readiness does not tell of. A closed driver ends it. */
  retry(): void {
    if (this.#host.driver.closed) return;
    this.#drained = false;
    this.#advance();
    this.#host.waitingChanged(this.#slot);
  }

  /** Has whoever waits keep the process alive, which is so of a poll anyway. */
  ref(): void {
    this.#rare?.falseAlarms.ref();
  }

  /**
   * Rejects the calls that wait behind one.
   *
   * @param next the system call up to whose next call it does so
   */
  rejectBehind(parts: CallParts<unknown>, error: unknown, next?: string): void {
    for (const call of this.takeBehind(parts, next)) call.reject(error);
    this.#host.waitingChanged(this.#slot);
  }

  /**
   * Hands what a ring does to the kernel, and does what waits behind it as far as that goes without waiting: what comes
   * next does not wait for its turn, and finds the calls made as if each had been attempted at once.
   */
  flush(): void {
    const outcome = this.outcome();
    const call = this.first;
    if (outcome === undefined || call?.parts.completing?.isDoneWith?.(outcome) !== true) return;
    for (let behind = call.next; behind !== undefined; behind = behind.next) {
      try {
        const result = behind.parts.attempt();
        if (result === EAGAIN) return;
        behind.resolve(this.#checked(result, behind.parts));
      } catch (error) {
        behind.reject(error);
      }
      this.remove(behind);
    }
  }

  /** Hands what a ring does to the kernel. Returns what it is over with by that, if that is known: it is told of later. */
  outcome(): number | undefined {
    return this.#work?.flush();
  }

  /** Has the call that a ring does wait for the descriptor instead. */
  withdraw(): void {
    this.#work?.cancel();
  }

  /** Checks that a call may be made, and what may end it. */
  #admit(options: CallOptions | undefined): CallOptions | undefined {
    const limits = options === undefined ? undefined : checkCallOptions(options);
    if (this.#endError !== undefined) throw this.#endError();
    if (this.#host.driver.closed) throw closedError(this.#host.driver.name);
    return limits;
  }

  /** Waits for the descriptor, or lets the loop turn before the next attempts. */
  #start(): void {
    if (!this.#host.turnOver) {
      this.#advance();
      return;
    }
    if (this.#yielding) return;
    this.#yielding = true;
    setImmediate(Lane.#goOn, this);
  }

  static #goOn(lane: Lane): void {
    lane.#yielding = false;
    lane.#host.beginTurn();
    lane.#advance();
    lane.#host.waitingChanged(lane.#slot);
  }

  wake(): void {
    this.#polling = false;
    this.#host.beginTurn();
    this.#advance();
    this.#host.waitingChanged(this.#slot);
  }

  get waker(): Waker {
    this.#waker ??= wakerOf(this);
    return this.#waker;
  }

  /** Serves whoever waits as far as it goes without waiting. Once the driver was closed nothing is attempted any more. */
  #advance(): void {
    const { driver } = this.#host;
    let tried: Call<unknown> | undefined;
    for (let call = this.first; call !== undefined; call = this.first) {
      if (this.#work !== undefined) return;
      if (driver.closed) {
        this.#rejectWaiting(closedError(driver.name));
        return;
      }
      if (this.#host.turnOver) {
        this.#start();
        return;
      }
      try {
        const isReady = !this.#drained || this.#poll(call.parts.events ?? this.#events);
        if (!isReady && (call.parts.eager !== true || call === tried)) return;
      } catch (error) {
        this.#rejectWaiting(error);
        return;
      }
      tried = call;
      this.#serve(call);
    }
  }

  #rejectWaiting(error: unknown): void {
    for (const waiting of this.takeAll()) waiting.reject(error);
    this.#host.waitingChanged(this.#slot);
  }

  #serve(call: Call<unknown>): void {
    try {
      if (this.single && call.parts.completing?.first === true && this.#submit(call)) return;
      const found = call.parts.attempt();
      const result = found === EAGAIN && this.#rare?.exhausted === true ? this.#nothing(call) : found;
      const reported = this.#reported;
      this.#reported = 0;
      if (result !== EAGAIN) {
        this.#settle(call, result);
        return;
      }
      // It counts as well: where readiness is reported and nothing found, again and again, the loop has to turn.
      this.#host.countCall();
      this.#wait(call);
      if (reported !== 0 && this.#work === undefined) this.#falseAlarm();
    } catch (error) {
      this.#reported = 0;
      if (this.first === call) this.shift();
      call.reject(error);
    }
  }

  #settle(call: Call<unknown>, result: unknown): void {
    const checked = this.#checked(result, call.parts);
    this.#host.countCall();
    this.#rare?.falseAlarms.reset();
    this.shift();
    call.resolve(checked);
  }

  #nothing({ parts }: Call<unknown>): unknown {
    this.#needRare().over = true;
    return parts.nothing?.() ?? 0;
  }

  #falseAlarm(): void {
    this.#needRare().falseAlarms.add(this.#host.driver, this.#host.hasRef(), () => this.wake());
  }

  #needRare(): Rare {
    this.#rare ??= {
      endErrno: 0,
      ending: undefined,
      whenOver: undefined,
      exhausted: false,
      over: false,
      goesOn: false,
      falseAlarms: new FalseAlarms(),
    };
    return this.#rare;
  }

  /** The first call has found nothing: a ring does it, or it waits for the descriptor. */
  #wait(call: Call<unknown>): void {
    if (this.#submit(call) || this.#drained) return;
    // Not that there is nothing left: a call with flags of its own may say EAGAIN of something else.
    if (this.#rare?.goesOn !== true) this.#clear(false);
    else this.#rare.goesOn = false;
  }

  /** Has a ring do the first call, if it is one for a ring. */
  #submit({ parts }: Call<unknown>): boolean {
    this.#work = parts.completing?.start(this);
    return this.#work !== undefined;
  }

  /** What a ring does is over. */
  completed(outcome: number | Error): void {
    const call = this.first as Call<unknown>;
    const rare = this.#rare;
    const ending = rare?.ending;
    this.#work = undefined;
    if (rare !== undefined) rare.ending = undefined;
    this.#drained = false;
    this.#host.beginTurn();
    try {
      if (typeof outcome !== 'number') throw outcome;
      const answer = call.parts.completing?.completed(outcome, ending !== undefined);
      const isDone = typeof answer !== 'number' || answer >= 0;
      // It may be told to nobody here, as who has waited may have given it up.
      if (!isDone) this.#host.failed(this.#slot, answer, call.parts.syscall);
      if (!isDone && ending !== undefined) throw ending;
      if (!isDone && this.#host.driver.closed) throw closedError(this.#host.driver.name);
      if (answer !== EAGAIN) this.#settle(call, answer);
      else if (outcome < 0) this.#clear(false);
    } catch (error) {
      this.shift();
      call.reject(error);
    }
    if (!this.empty) this.#advance();
    this.#host.waitingChanged(this.#slot);
    this.#rare?.whenOver?.();
  }

  /** Ends the call that a ring does: at once, or where bytes are moved when the kernel has told how many. */
  #endFirst(error: unknown): void {
    const call = this.first as Call<unknown>;
    this.#needRare().ending ??= error;
    if (call.parts.completing?.transfers === false) call.reject(error);
    this.#work?.cancel();
  }

  /** Whether the descriptor is ready; otherwise {@link wake} is called when it is, or when it is time to ask again. */
  #poll(wanted: PollEvents): boolean {
    if (this.#rare?.falseAlarms.pausing === true) return false;
    const events = this.#host.readiness(this.#slot).poll(this, this.#slot, wanted);
    // Not compared with `Pending`, as that would be a call.
    if (typeof events !== 'number') {
      this.#polling = true;
      this.#host.waitingChanged(this.#slot);
      return false;
    }
    this.#drained = false;
    this.#reported = events;
    return true;
  }

  /** @param drained whether an attempt has just left nothing of what is waited for */
  #clear(drained: boolean): void {
    this.#drained = true;
    this.#host.readiness(this.#slot).clear(this.#slot, drained);
  }

  /** A call's signal or its time has ended it. */
  giveUp(call: Call<unknown>, why: Error): void {
    const error = this.#unlessClosed(() => why);
    if (this.active && call === this.first) {
      this.#endFirst(error);
      return;
    }
    const wasFirst = call === this.first;
    this.remove(call);
    call.reject(error);
    // The poll under way is for what that call has waited for, which who is first now may not.
    if (wasFirst) this.#advance();
    this.#host.waitingChanged(this.#slot);
  }

  /** What ends a call that waits, unless the end of the driver has come before and is not told of yet. */
  #unlessClosed(makeError: () => unknown): unknown {
    const { driver } = this.#host;
    return driver.closed ? closedError(driver.name) : makeError();
  }

  /** Takes the error that an end is to be told as; 0 for none. */
  #loss(): number {
    const errno = this.#rare?.endErrno ?? 0;
    if (this.#rare !== undefined) this.#rare.endErrno = 0;
    return errno === 0 ? this.#host.untoldLoss() : errno;
  }

  #checked(result: unknown, parts: CallParts<unknown>): unknown {
    let answer = result;
    const mayBeLost = (this.#rare !== undefined && this.#rare.endErrno !== 0) || this.#host.sends;
    if (mayBeLost && parts.isEnd?.(answer) === true) answer = this.#loss() || answer;
    if (typeof answer === 'number' && answer < 0) {
      this.#host.failed(this.#slot, answer, parts.syscall);
      throw systemError(answer, parts.syscall, { fd: this.#host.fd });
    }
    return answer;
  }
}

/** What few lanes have. */
interface Rare {
  /** The error that the end of this direction is told as; 0 for none. */
  endErrno: number;
  /** What the call that a ring does is to end with, unless it is done all the same. */
  ending: unknown;
  /** Called when that call is over. */
  whenOver: (() => void) | undefined;
  /** Nothing more comes. */
  exhausted: boolean;
  /** A call has found nothing since. */
  over: boolean;
  /** The attempt under way is made again without waiting for the descriptor. */
  goesOn: boolean;
  readonly falseAlarms: FalseAlarms;
}

/** Made here, as the engine makes room for what a closure captures whenever the function around it is called. */
function wakerOf(lane: Lane): Waker {
  return () => lane.wake();
}
