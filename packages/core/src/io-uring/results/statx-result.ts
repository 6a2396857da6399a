import { FileMode } from '../../values/file-mode.js';
import { type AttachedStruct, writtenStruct } from '../attachment.js';

/** The bytes of `struct statx`. */
const STATX_SIZE = 256;

/** The memory of a result, for the builder. */
export let statxStruct: (result: StatxResult) => AttachedStruct;

/**
 * What statx(2) tells of a file, in the form of `fs.Stats`. Zeros until an operation filled it;
 * `mask` says which of the fields the file system gave.
 */
export class StatxResult extends FileMode {
  readonly #fields = new DataView(new ArrayBuffer(STATX_SIZE));

  static {
    statxStruct = (result) => writtenStruct(new Uint8Array(result.#fields.buffer));
  }

  /** STATX_* bits of the fields that are filled. */
  get mask(): number {
    return this.#u32(0);
  }

  /** The size of transfers that suits the file, in bytes. */
  get blksize(): number {
    return this.#u32(4);
  }

  /** STATX_ATTR_* bits. */
  get attributes(): bigint {
    return this.#fields.getBigUint64(8, true);
  }

  get nlink(): number {
    return this.#u32(16);
  }

  get uid(): number {
    return this.#u32(20);
  }

  get gid(): number {
    return this.#u32(24);
  }

  /** Type and permissions. */
  get mode(): number {
    return this.#fields.getUint16(28, true);
  }

  get ino(): number {
    return this.#u64(32);
  }

  /** Bytes. */
  get size(): number {
    return this.#u64(40);
  }

  /** Blocks of 512 bytes that are allocated. */
  get blocks(): number {
    return this.#u64(48);
  }

  /** The device of a device file. */
  get rdev(): number {
    return deviceNumber(this.#u32(128), this.#u32(132));
  }

  /** The device that the file is on. */
  get dev(): number {
    return deviceNumber(this.#u32(136), this.#u32(140));
  }

  /** The number of the mount. Linux 5.8. */
  get mountId(): number {
    return this.#u64(144);
  }

  /** What memory has to be aligned to for direct I/O, in bytes; 0 where there is none, or none is known. Linux 6.1. */
  get dioMemoryAlign(): number {
    return this.#u32(152);
  }

  /** What offsets and lengths have to be aligned to for direct I/O, in bytes. Linux 6.1. */
  get dioOffsetAlign(): number {
    return this.#u32(156);
  }

  /** The smallest write that no power failure tears, in bytes; 0 for none. Linux 6.11. */
  get atomicWriteUnitMin(): number {
    return this.#u32(168);
  }

  /** The largest write that no power failure tears, in bytes; 0 for none. Linux 6.11. */
  get atomicWriteUnitMax(): number {
    return this.#u32(172);
  }

  /** Nanoseconds since the epoch. */
  get atimeNs(): bigint {
    return this.#nanoseconds(64);
  }

  /** Nanoseconds since the epoch. */
  get birthtimeNs(): bigint {
    return this.#nanoseconds(80);
  }

  /** Nanoseconds since the epoch. */
  get ctimeNs(): bigint {
    return this.#nanoseconds(96);
  }

  /** Nanoseconds since the epoch. */
  get mtimeNs(): bigint {
    return this.#nanoseconds(112);
  }

  /** Milliseconds since the epoch. */
  get atimeMs(): number {
    return this.#milliseconds(64);
  }

  /** Milliseconds since the epoch. */
  get birthtimeMs(): number {
    return this.#milliseconds(80);
  }

  /** Milliseconds since the epoch. */
  get ctimeMs(): number {
    return this.#milliseconds(96);
  }

  /** Milliseconds since the epoch. */
  get mtimeMs(): number {
    return this.#milliseconds(112);
  }

  #u32(at: number): number {
    return this.#fields.getUint32(at, true);
  }

  #u64(at: number): number {
    return Number(this.#fields.getBigUint64(at, true));
  }

  /** `struct statx_timestamp`: seconds of 64 bits, nanoseconds of 32. */
  #nanoseconds(at: number): bigint {
    return this.#fields.getBigInt64(at, true) * 1_000_000_000n + BigInt(this.#u32(at + 8));
  }

  #milliseconds(at: number): number {
    return Number(this.#fields.getBigInt64(at, true)) * 1e3 + this.#u32(at + 8) / 1e6;
  }
}

/** As makedev(3). */
function deviceNumber(major: number, minor: number): number {
  const low = (((major & 0xfff) << 8) | (minor & 0xff)) >>> 0;
  return low + (minor - (minor & 0xff)) * 2 ** 12 + (major - (major & 0xfff)) * 2 ** 32;
}
