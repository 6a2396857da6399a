/** What the ring of a driver can do on the running kernel. Each member names the Linux version that brought it. */
export interface IoUringFeatures {
  /** Multishot accepts. Linux 5.19. */
  readonly acceptMultishot: boolean;
  /** Multishot polls. Linux 5.13. */
  readonly pollMultishot: boolean;
  /** Multishot receives. Linux 6.0. */
  readonly recvMultishot: boolean;
  /** Multishot timeouts. Linux 6.4. */
  readonly timeoutMultishot: boolean;
  /** Multishot reads. Linux 6.7. */
  readonly readMultishot: boolean;
  /** Rings of provided buffers. Some distributions take them away, as Ubuntu did in updates of its 6.8. Linux 5.19. */
  readonly bufferRing: boolean;
  /** Buffers of such a ring that are filled bit by bit. Linux 6.12. */
  readonly incrementalBuffers: boolean;
  /** Registered files. Linux 5.19. */
  readonly fileTable: boolean;
  /** Registered files whose slots the kernel chooses. Linux 6.0. */
  readonly directDescriptors: boolean;
  /** Sends without a copy. Linux 6.0. */
  readonly sendZc: boolean;
  /** Messages sent without a copy. Linux 6.1. */
  readonly sendmsgZc: boolean;
  /** Sends that say what was sent before they were cancelled, for `ioUring.sender`. Linux 6.1. */
  readonly sender: boolean;
  /** Waking the driver of another thread. Linux 6.3. */
  readonly remoteHandle: boolean;
  /** Limits of the kernel's worker threads. Linux 5.15. */
  readonly workerLimits: boolean;
  /** Processors of the kernel's worker threads. Linux 5.14. */
  readonly workerAffinity: boolean;
}

/** The name of a feature. */
export type IoUringFeature = keyof IoUringFeatures;
