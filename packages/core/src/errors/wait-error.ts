import type { RawFd } from '../values/raw-fd.js';
import { PolyringError } from './polyring-error.js';

/** The error of a wait on a descriptor whose reads may block. */
export function blockingFdError(fd: RawFd): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_BLOCKING_FD',
    `Descriptor ${fd} lacks O_NONBLOCK, so a read of it may block. Open it with O_NONBLOCK, or set it by setNonblocking().`,
  );
}

/** The error of a wait whose read gave fewer bytes than it is for; 0 says that the stream is at its end. */
export function shortReadError(fd: RawFd, readSize: number, length: number): PolyringError {
  const found = length === 0 ? 'met the end of the stream' : `read ${length}, kept in "value"`;
  return new PolyringError(
    'ERR_POLYRING_SHORT_READ',
    `A wait for ${readSize} bytes on descriptor ${fd} ${found}. Wait for the size that its writers write, while they are there.`,
  );
}
