import { checkInteger, invalidArgType } from '../errors/argument-error.js';
import type { AttachedMemory, Attachment } from './attachment.js';
import { checkNumbers } from './check-numbers.js';
import { isMultishot } from './is-multishot.js';
import { copyOfViews } from './views.js';

/** What the kernel does with an entry's memory. */
export type MemoryAccess = 0 | 1;

/** The values of {@link MemoryAccess}. */
export const MemoryAccess = {
  /** The kernel reads it, as for a write to a file. */
  KernelReads: 0,
  /** The kernel writes it, as for a read from a file. */
  KernelWrites: 1,
} as const satisfies Record<string, MemoryAccess>;

/**
 * The fields of an {@link Entry}, named as those of `struct io_uring_sqe`. What is left out is 0. Numbers are integers that
 * the field has room for, signed or not where it has 32 bits.
 */
export interface EntryFields {
  readonly opcode: number;
  /** IOSQE_* bits. */
  readonly flags?: number;
  readonly ioprio?: number;
  readonly fd?: number;
  /** `off` or `addr2`: a safe integer, -1 for all bits set. */
  readonly off?: number;
  /** `addr`, where it is a number and neither memory nor {@link target}; -1 for all bits set. */
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
  /** Memory that `addr` is to point to. `len` is given beside it: it is not bytes for every opcode. */
  readonly buffer?: ArrayBufferView;
  /** Memory that an iovec array at `addr` is to list; `len` becomes their count. */
  readonly vectors?: readonly ArrayBufferView[];
  /** What the kernel does with {@link buffer} or {@link vectors}. */
  readonly access?: MemoryAccess;
  /** An entry in flight whose `user_data` is put into `addr`. */
  readonly target?: Entry;
  /** Memory in further fields or of other forms, in place of {@link buffer} and {@link vectors}. */
  readonly attached?: AttachedMemory;
  /** The path that the operation is about, for its errors. */
  readonly path?: string;
  /** The second path that the operation is about, for its errors. */
  readonly dest?: string;
}

/**
 * Makes an entry without the detour of an {@link EntryFields}, and without any address:
 * for the builders, which check what they are given. It is not exported by the package.
 */
export let makeEntry: (
  opcode: number,
  flags: number,
  fd: number,
  off: number,
  len: number,
  opFlags: number,
  buffer: ArrayBufferView | undefined,
  access: MemoryAccess,
) => Entry;

/**
 * As {@link Entry.unsafe}, of fields that were checked and stay as they are, and whose lists are copies: for the builders.
 * It is not exported by the package.
 */
export let makeRareEntry: (fields: EntryFields) => Entry;

/**
 * One submission queue entry (SQE), independent of any ring.
 *
 * Make entries with the builders (`read`, `write`, `nop`, …). An entry may be submitted
 * again once it completed; `user_data` belongs to the driver.
 */
export class Entry {
  readonly opcode: number;
  readonly flags: number;
  readonly fd: number;
  readonly off: number;
  readonly len: number;
  readonly opFlags: number;
  readonly buffer: ArrayBufferView | undefined;
  readonly access: MemoryAccess;

  // Accessors, so that drivers may set them where the entry is frozen.
  /** The driver's mark while the entry is in flight; undefined otherwise. Set by drivers only. */
  accessor owner: object | undefined;
  /** The low half of `user_data` while in flight. Set by drivers only. */
  accessor userDataLow = 0;
  /** The high half of `user_data` while in flight. Set by drivers only. */
  accessor userDataHigh = 0;

  readonly #rare: EntryFields | undefined;

  private constructor(
    opcode: number,
    flags: number,
    fd: number,
    off: number,
    len: number,
    opFlags: number,
    buffer: ArrayBufferView | undefined,
    access: MemoryAccess,
    rare: EntryFields | undefined,
  ) {
    this.#rare = rare;
    this.opcode = opcode;
    this.flags = flags;
    this.fd = fd;
    this.off = off;
    this.len = len;
    this.opFlags = opFlags;
    this.buffer = buffer;
    this.access = access;
  }

  static {
    makeEntry = (opcode, flags, fd, off, len, opFlags, buffer, access) =>
      new Entry(opcode, flags, fd, off, len, opFlags, buffer, access, undefined);
    makeRareEntry = (fields) =>
      new Entry(
        fields.opcode,
        fields.flags ?? 0,
        fields.fd ?? -1,
        fields.off ?? 0,
        fields.len ?? 0,
        fields.opFlags ?? 0,
        fields.buffer,
        fields.access ?? MemoryAccess.KernelReads,
        fields,
      );
  }

  /** Whether it is one itself: a Proxy of one might give the kernel another length than was looked at. */
  static [Symbol.hasInstance](value: unknown): value is Entry {
    return typeof value === 'object' && value !== null && #rare in value;
  }

  /**
   * Makes an entry from raw fields, for an opcode that has no builder.
   *
   * Unsafe: `off`, `addr` and `addr3` are addresses for some opcodes, and the kernel
   * reads or writes whatever stands there. Only `buffer`, `vectors` and `attached` are kept valid.
   *
   * @throws ERR_INVALID_ARG_TYPE for `attached` beside `buffer` or `vectors`, for a list that is none of views, and for
   * what must be a number; ERR_OUT_OF_RANGE for a number that is no integer or that its field has no room for, and for a
   * `len` beside `buffer` that is none
   */
  static unsafe(fields: EntryFields): Entry {
    const rare = { ...fields };
    checkNumbers(rare);
    if (rare.attached !== undefined && (rare.buffer ?? rare.vectors) !== undefined) {
      throw invalidArgType('fields.attached', 'undefined beside "buffer" or "vectors"', rare.attached);
    }
    if (rare.buffer !== undefined) checkInteger(rare.len ?? 0, 'fields.len', 0, 0xffffffff);
    return makeRareEntry(copyLists(rare));
  }

  /** All fields of an entry that sets one of the rare ones, kept apart as the size of an entry is most of its cost. */
  get rare(): EntryFields | undefined {
    return this.#rare;
  }

  /** Whether it may complete more than once. Such an entry is for `driver.multishot`; `ioUringSubmit` refuses it. */
  get multishot(): boolean {
    return this.#rare !== undefined && isMultishot(this);
  }

  get vectors(): readonly ArrayBufferView[] | undefined {
    return this.#rare?.vectors;
  }

  get target(): Entry | undefined {
    return this.#rare?.target;
  }

  /** Memory in further fields or of other forms than one buffer or one list of vectors. */
  get attached(): AttachedMemory | undefined {
    return this.#rare?.attached;
  }

  get ioprio(): number {
    return this.#rare?.ioprio ?? 0;
  }

  get addr(): number {
    return this.#rare?.addr ?? 0;
  }

  get bufIndex(): number {
    return this.#rare?.bufIndex ?? 0;
  }

  get personality(): number {
    return this.#rare?.personality ?? 0;
  }

  get fileIndex(): number {
    return this.#rare?.fileIndex ?? 0;
  }

  get addr3(): number {
    return this.#rare?.addr3 ?? 0;
  }
}

/** The fields with a list of views at `addr` that stays as it is, and its count. */
function copyLists(fields: EntryFields): EntryFields {
  const { vectors, attached } = fields;
  if (vectors !== undefined) {
    const copy = copyOfViews(vectors, 'fields.vectors');
    return { ...fields, vectors: copy, len: copy.length };
  }
  if (attached === undefined) return fields;
  const addr = copyOfAttachment(attached.addr, 'addr');
  const [off, addr3] = [copyOfAttachment(attached.off, 'off'), copyOfAttachment(attached.addr3, 'addr3')];
  const copy = { ...fields, attached: Object.freeze({ addr, off, addr3 }) };
  return addr?.kind === 'vectors' ? { ...copy, len: addr.views.length } : copy;
}

/** The caller may make another one of it. */
function copyOfAttachment(attachment: Attachment | undefined, field: string): Attachment | undefined {
  if (attachment === undefined) return undefined;
  if (attachment.kind !== 'vectors') return Object.freeze({ ...attachment });
  return Object.freeze({ ...attachment, views: copyOfViews(attachment.views, `fields.attached.${field}.views`) });
}
