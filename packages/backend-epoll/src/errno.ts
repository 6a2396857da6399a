/** Error numbers of `<asm-generic/errno.h>`, negative as the calls answer them. */
export const ERRNO = {
  /** The descriptor is not open. */
  EBADF: -9,
  /** There is nothing to read. */
  EAGAIN: -11,
  /** The descriptor is registered already. */
  EEXIST: -17,
} as const;
