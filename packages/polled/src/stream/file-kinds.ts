import { FILE_CALLS, PIPE_CALLS } from '../transfer/byte-calls.js';
import type { StreamKind } from './stream-kind.js';

/** Files without positions. Closing the descriptor tells the peer the end. */
export const FILE_BYTES: StreamKind = {
  calls: FILE_CALLS,
  stream: true,
  datagrams: false,
  shortReadsDrain: false,
  finish: () => {},
};

/** What may keep the borders of what was written. */
export const FILE_PACKETS: StreamKind = { ...FILE_BYTES, stream: false };

/** Pipes that are streams of bytes. */
export const PIPE_BYTES: StreamKind = { ...FILE_BYTES, calls: PIPE_CALLS };

/** Pipes of packets. */
export const PIPE_PACKETS: StreamKind = { ...PIPE_BYTES, stream: false };
