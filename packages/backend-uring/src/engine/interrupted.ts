import { Errno } from '@polyring/core';

const { EINTR } = Errno;

/** Not for user space, but what an open of a named pipe that was cancelled completes with (Linux 6.18). */
export const ERESTARTSYS = -512;

/** Whether a result says that a kernel worker was interrupted at an operation: by a cancel of it, or as the process was stopped. */
export function isInterrupted(result: number): boolean {
  return result === EINTR || result === ERESTARTSYS;
}
