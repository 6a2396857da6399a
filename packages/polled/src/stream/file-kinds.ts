import { FILE_CALLS } from '../transfer/byte-calls.js';
import type { StreamKind } from './stream-kind.js';

/** Pipes that are streams of bytes, and files without positions. Closing the descriptor tells the peer the end. */
export const FILE_BYTES: StreamKind = {
  calls: FILE_CALLS,
  stream: true,
  datagrams: false,
  shortReadsDrain: false,
  finish: () => {},
};

/** Pipes of packets, and what may keep the borders of what was written. */
export const FILE_PACKETS: StreamKind = { ...FILE_BYTES, stream: false };
