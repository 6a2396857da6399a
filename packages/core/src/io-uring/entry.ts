/** What the kernel does with an entry's memory. */
export type MemoryAccess = 0 | 1;

/** The values of {@link MemoryAccess}. */
export const MemoryAccess = {
  /** The kernel reads it, as for a write to a file. */
  KernelReads: 0,
  /** The kernel writes it, as for a read from a file. */
  KernelWrites: 1,
} as const satisfies Record<string, MemoryAccess>;

/** The fields of an {@link Entry}, named as those of `struct io_uring_sqe`. What is left out is 0. */
export interface EntryFields {
  readonly opcode: number;
  /** IOSQE_* bits. */
  readonly flags?: number;
  readonly ioprio?: number;
  readonly fd?: number;
  /** `off` or `addr2`: an integer, -1 for all bits set. */
  readonly off?: number;
  /** `addr`, where it is a number and neither {@link buffer}, {@link vectors} nor {@link target}. */
  readonly addr?: number;
  readonly len?: number;
  /** `rw_flags`, `fsync_flags`, `timeout_flags` and the like. */
  readonly opFlags?: number;
  /** `buf_index` or `buf_group`. */
  readonly bufIndex?: number;
  readonly personality?: number;
  /** `file_index` or `splice_fd_in`. */
  readonly fileIndex?: number;
  readonly addr3?: number;
  /** Memory that `addr` is to point to. */
  readonly buffer?: ArrayBufferView;
  /** Memory that an iovec array at `addr` is to list; `len` becomes their count. */
  readonly vectors?: readonly ArrayBufferView[];
  /** What the kernel does with {@link buffer} or {@link vectors}. */
  readonly access?: MemoryAccess;
  /** An entry in flight whose `user_data` is put into `addr`. */
  readonly target?: Entry;
}

/**
 * One submission queue entry (SQE), independent of any ring.
 *
 * Make entries with the builders (`read`, `write`, `nop`, …). An entry may be submitted
 * again once it completed; `user_data` belongs to the driver.
 */
export class Entry {
  readonly opcode: number;
  readonly flags: number;
  readonly ioprio: number;
  readonly fd: number;
  readonly off: number;
  readonly addr: number;
  readonly len: number;
  readonly opFlags: number;
  readonly bufIndex: number;
  readonly personality: number;
  readonly fileIndex: number;
  readonly addr3: number;
  readonly buffer: ArrayBufferView | undefined;
  readonly vectors: readonly ArrayBufferView[] | undefined;
  readonly access: MemoryAccess;
  readonly target: Entry | undefined;

  /** The driver's mark while the entry is in flight; undefined otherwise. Set by drivers only. */
  owner: object | undefined;
  /** The low half of `user_data` while in flight. Set by drivers only. */
  userDataLow: number;
  /** The high half of `user_data` while in flight. Set by drivers only. */
  userDataHigh: number;

  /** For the builders, which know which fields an opcode takes for an address. Anybody else: {@link Entry.unsafe}. */
  protected constructor(fields: EntryFields) {
    this.opcode = fields.opcode;
    this.flags = fields.flags ?? 0;
    this.ioprio = fields.ioprio ?? 0;
    this.fd = fields.fd ?? -1;
    this.off = fields.off ?? 0;
    this.addr = fields.addr ?? 0;
    this.len = fields.len ?? 0;
    this.opFlags = fields.opFlags ?? 0;
    this.bufIndex = fields.bufIndex ?? 0;
    this.personality = fields.personality ?? 0;
    this.fileIndex = fields.fileIndex ?? 0;
    this.addr3 = fields.addr3 ?? 0;
    this.buffer = fields.buffer;
    this.vectors = fields.vectors;
    this.access = fields.access ?? MemoryAccess.KernelReads;
    this.target = fields.target;
    this.owner = undefined;
    this.userDataLow = 0;
    this.userDataHigh = 0;
  }

  /**
   * Makes an entry from raw fields, for an opcode that has no builder.
   *
   * Unsafe: `off`, `addr` and `addr3` are addresses for some opcodes, and the kernel
   * reads or writes whatever stands there. Only `buffer` and `vectors` are kept valid.
   */
  static unsafe(fields: EntryFields): Entry {
    return new Entry(fields);
  }
}
