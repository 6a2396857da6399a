import type { RawFd } from '@polyring/core';
import type { ByteCalls } from '../transfer/byte-calls.js';

/** What the halves of all descriptors of a kind have in common. */
export interface StreamKind {
  readonly calls: ByteCalls;
  /** Whether the bytes are a stream, so that fewer than there was room for are all there are. */
  readonly stream: boolean;
  /** Whether they are datagrams, so that a read of no byte is an empty one and no end. */
  readonly datagrams: boolean;
  /**
   * Whether a read of less than there was room for leaves no byte, but for what stands behind urgent data. Not so for
   * unix sockets, whose reads end where descriptors were sent, and for pipes, which may be of packets.
   */
  readonly shortReadsDrain: boolean;
  /** Tells the peer that nothing more comes. */
  finish(fd: RawFd): void;
}

/** Whether a read that got so many bytes is the end, and none of an empty message or without room. */
export function isEnd({ datagrams }: StreamKind, bytes: number, room: number): boolean {
  return bytes === 0 && room > 0 && !datagrams;
}
