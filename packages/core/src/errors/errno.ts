import { constants } from 'node:os';

/**
 * What Node's constants lack: what io_uring_enter(2) answers after it lost a completion, or for what is no ring, and what
 * sendmsg(2) answers where too many descriptors are on their way.
 */
const OTHERS = { EBADR: 53, EBADFD: 77, ETOOMANYREFS: 109 } as const;

type ErrnoName = Exclude<keyof typeof constants.errno, `WSA${string}`> | keyof typeof OTHERS;

/**
 * The error numbers of errno(3) by their names, negative, as completions and the calls of `@polyring/sys` whose names begin
 * with `try` give them, and as `errno` of an error is. A module that compares often takes what it needs once.
 *
 * @example
 * ```ts
 * const { EAGAIN } = Errno;
 * if (tryRead(fd, bytes) === EAGAIN) wait();
 * ```
 */
export const Errno = Object.freeze(
  Object.fromEntries(Object.entries({ ...constants.errno, ...OTHERS }).map(([name, errno]) => [name, -errno])),
) as Readonly<Record<ErrnoName, number>>;
