/** What a buffer ring is made of. */
export interface BufferRingOptions {
  /** How many buffers, a power of two up to 32,768. 256 by default. */
  readonly entries?: number | undefined;
  /** Bytes of each buffer, up to 1 GiB. 4096 by default. */
  readonly bufferSize?: number | undefined;
  /**
   * Each buffer is filled bit by bit, by one completion after the other, until it is full: for large buffers. Such
   * a ring serves one operation at a time, because completions do not say where in the buffer their bytes are, and
   * only those of one operation come in the order in which it was filled. It is for streams: of a message it would take
   * what finds room in the rest of a buffer, so that RECVMSG and sockets that are no streams are refused. Linux 6.12. False
   * by default.
   */
  readonly incremental?: boolean | undefined;
}

/**
 * Buffers that the kernel selects from when something has arrived, so that a receive that waits occupies no memory:
 * one ring serves any number of `recvMultishot` and `readMultishot`.
 *
 * With no buffer left the operations wait, and go on when buffers were released.
 */
export interface BufferRing extends AsyncDisposable {
  /** The number of the buffer group, `buf_group` of entries. */
  readonly group: number;
  readonly entries: number;
  readonly bufferSize: number;
  readonly incremental: boolean;
  /** Buffers that the kernel may select: those that neither a completion nor an operation uses. */
  readonly available: number;
  /**
   * Ends the operations that use the ring, then takes it away from the kernel. Completions that were handed out
   * keep their bytes until they are released. Every call gives the same end.
   */
  close(): Promise<void>;
}
