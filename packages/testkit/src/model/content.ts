import type { PollEvents } from '@polyring/core';

/** One of the descriptors of a content: an eventfd has a reader only, which writes as well. */
export type End = 'reader' | 'writer';

/** Which events hold at a descriptor. */
export interface Conditions {
  /** What holds in any case. */
  readonly certain: PollEvents;
  /** What may hold, all that is certain included. */
  readonly possible: PollEvents;
}

/** What a read that succeeded took, and what it left. */
export interface Taking<C> {
  readonly taken: Uint8Array;
  readonly rest: C;
}

/** What is in an eventfd or a pipe, as a value that never changes. */
export interface Content<C extends Content<C>> {
  /** Equal for equal contents. */
  readonly key: string;
  conditions(end: End): Conditions;
  /** One read of at most `size` bytes; undefined where it would say EAGAIN. */
  read(size: number): Taking<C> | undefined;
  /** In words. */
  toString(): string;
}

/** Bytes as one unsigned integer, the first byte lowest, as `PollWait.value` is on a little-endian machine. */
export function integerOf(bytes: Uint8Array): bigint {
  let integer = 0n;
  for (const byte of [...bytes].reverse()) integer = (integer << 8n) | BigInt(byte);
  return integer;
}
