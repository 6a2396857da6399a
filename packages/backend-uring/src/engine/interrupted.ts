import { ERRNO } from '../kernel/abi.js';

/** Whether a result says that a kernel worker was interrupted at an operation: by a cancel of it, or as the process was stopped. */
export function isInterrupted(result: number): boolean {
  return result === ERRNO.EINTR || result === ERRNO.ERESTARTSYS;
}
