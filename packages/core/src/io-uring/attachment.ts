import type { MemoryAccess } from './entry.js';

/**
 * Memory of the caller's. Memory of `driver.allocate` is used in place; for any other the kernel works on a
 * copy in the driver's memory.
 */
export interface AttachedBytes {
  readonly kind: 'bytes';
  readonly view: ArrayBufferView;
  /** The bytes that the kernel is told of. The view has to be as long when the entry is submitted. */
  readonly length: number;
  readonly access: MemoryAccess;
  /**
   * Whether the operation's result is how many bytes the kernel wrote, so that no more are copied back. Otherwise
   * the kernel finds what the caller's memory holds, and all of it is copied back.
   */
  readonly resultIsLength?: boolean;
  /** Refuses what is no memory of `driver.allocate`: for operations that are about an address rather than bytes. */
  readonly inPlaceOnly?: boolean;
  /** Stays the kernel's after the completion, until the driver is closed. */
  readonly keeps?: boolean;
  /** Is used as a registered buffer: the driver fills in `buf_index`. */
  readonly registered?: boolean;
}

/** Memory of the caller's that an iovec array lists. */
export interface AttachedVectors {
  readonly kind: 'vectors';
  readonly views: readonly ArrayBufferView[];
  readonly access: MemoryAccess;
  /** As in {@link AttachedBytes}; true by default. */
  readonly resultIsLength?: boolean;
  /** Is used as one registered buffer: the driver fills in `buf_index`. */
  readonly registered?: boolean;
}

/**
 * What the entry's maker wrote for the kernel: a path, an address, a struct. It stands in memory that no
 * JavaScript outside the driver sees, so that it may hold addresses and lengths.
 */
export interface AttachedStruct {
  readonly kind: 'struct';
  /** What the kernel finds; copied at submission. */
  readonly bytes: Uint8Array;
  /** Where what the kernel left goes, addresses wiped, unless the operation failed. As long as `bytes`. */
  readonly into?: Uint8Array;
  /** Where addresses of further memory go. */
  readonly pointers?: readonly Pointer[];
}

/** An address inside of a struct. */
export interface Pointer {
  /** Bytes from the struct's start. */
  readonly at: number;
  readonly to: Attachment;
}

/** A piece of memory of an entry. */
export type Attachment = AttachedBytes | AttachedVectors | AttachedStruct;

/** The memory of an entry that needs more than one buffer or one list of vectors, by the SQE's field that points to it. */
export interface AttachedMemory {
  /** Of an iovec array here the entry's `len` becomes the count. */
  readonly addr?: Attachment | undefined;
  /** `off`, which is `addr2`. */
  readonly off?: Attachment | undefined;
  readonly addr3?: Attachment | undefined;
}

/** A struct that the kernel reads. */
export function readStruct(bytes: Uint8Array, pointers?: readonly Pointer[]): AttachedStruct {
  return pointers === undefined ? { kind: 'struct', bytes } : { kind: 'struct', bytes, pointers };
}

/** A struct that the kernel fills, or finds and changes. */
export function writtenStruct(bytes: Uint8Array): AttachedStruct {
  return { kind: 'struct', bytes, into: bytes };
}
