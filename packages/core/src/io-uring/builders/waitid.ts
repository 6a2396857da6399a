import { checkInteger, flag, invalidWord } from '../../errors/argument-error.js';
import type { RawFd } from '../../values/raw-fd.js';
import { Entry } from '../entry.js';
import { IORING_OP_WAITID } from '../opcodes.js';
import { WaitidResult, waitidStruct } from '../results/waitid-result.js';
import { requireFd, requireResult } from './check.js';

/** The children that are waited for. */
export type WaitidTarget =
  | 'all'
  | { readonly pid: number }
  | { readonly processGroup: number }
  | { readonly pidfd: RawFd };

/** What is waited for. */
export interface WaitidOptions {
  /** A child that ended. True by default. */
  readonly exited?: boolean | undefined;
  /** A child that a signal stopped. False by default. */
  readonly stopped?: boolean | undefined;
  /** A child that SIGCONT let go on. False by default. */
  readonly continued?: boolean | undefined;
  /** Resolves at once, with `pid` 0, if nothing happened. False by default. */
  readonly nohang?: boolean | undefined;
  /**
   * Leaves the child to be waited for again. True by default: Node.js waits for its own children too, and never tells
   * of the end of one that was taken away from it.
   */
  readonly nowait?: boolean | undefined;
}

/** P_* and W* of `<sys/wait.h>`. */
const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;
const P_PIDFD = 3;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
const WNOWAIT = 0x01000000;

function idOf(target: WaitidTarget): readonly [which: number, id: number] {
  if (target === 'all') return [P_ALL, 0];
  if (typeof target !== 'object' || target === null) {
    throw invalidWord('target', ['all'], target, "'all', { pid }, { processGroup } or { pidfd }");
  }
  if ('pid' in target) {
    checkInteger(target.pid, 'target.pid', 1, 0x7fffffff);
    return [P_PID, target.pid];
  }
  if ('processGroup' in target) {
    checkInteger(target.processGroup, 'target.processGroup', 0, 0x7fffffff);
    return [P_PGID, target.processGroup];
  }
  requireFd(target.pidfd, 'target.pidfd');
  return [P_PIDFD, target.pidfd];
}

/**
 * Waits for a child of the process, as waitid(2).
 *
 * Resolves to 0; `result` tells then. Rejects with ECHILD if there is no such child.
 * Linux 6.7; io_uring_enter(2), IORING_OP_WAITID.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export function waitid(target: WaitidTarget, result: WaitidResult, options: WaitidOptions = {}): Entry {
  const [which, id] = idOf(target);
  requireResult(result, WaitidResult, 'WaitidResult');
  return Entry.unsafe({
    opcode: IORING_OP_WAITID,
    fd: id,
    len: which,
    fileIndex:
      (flag(options, 'exited', true) ? WEXITED : 0) |
      (flag(options, 'stopped', false) ? WSTOPPED : 0) |
      (flag(options, 'continued', false) ? WCONTINUED : 0) |
      (flag(options, 'nohang', false) ? WNOHANG : 0) |
      (flag(options, 'nowait', true) ? WNOWAIT : 0),
    attached: { off: waitidStruct(result) },
  });
}
