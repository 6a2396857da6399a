import { loadAddon } from '@polyring/sys';
import { PACKAGE_ROOT } from '../package-root.js';

/** The addon's ring: descriptor, mappings and end. It decides nothing. */
export interface NativeRing {
  /** 0, or the negative error number of the set-up; nothing else is set then. */
  readonly error: number;
  readonly fd: number;
  readonly features: number;
  readonly sqEntries: number;
  readonly cqEntries: number;
  /** Byte offsets into `rings`. */
  readonly sqTail: number;
  readonly sqFlags: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly cqes: number;
  /** The mapped SQ and CQ. Detached when the ring closes. */
  readonly rings: ArrayBuffer;
  /** The mapped SQE array. Detached when the ring closes. */
  readonly sqes: ArrayBuffer;
  /** Three 32-bit words, the addon's Control: see there. Detached when the ring closes. */
  readonly control: ArrayBuffer;

  /** io_uring_enter(2). What the kernel took, or a negative error number. */
  enter(toSubmit: number, minComplete: number, flags: number): number;
  /** io_uring_register(2). Its result, or a negative error number. */
  register(opcode: number, argument: NodeJS.TypedArray | null, count: number): number;
  /** Memory of the ring's own that no JavaScript of others ever sees. A negative error number on failure. */
  mapMemory(byteLength: number): ArrayBuffer | number;
  /** Takes a descriptor over: it is closed with the ring, however its environment ends. */
  adopt(fd: number): void;
  /** Closes a descriptor that was taken over. */
  closeAdopted(fd: number): void;
  /** Gives a descriptor that was taken over away again, open. */
  disown(fd: number): void;
  /** A slot's operation is over, though a notification of it may still come, which is not to be counted as an end. */
  expectStray(slot: number, generation: number): void;
  /** Has a word of shared memory set to 0 before the ring's descriptor is closed, however its environment ends. */
  share(word: Int32Array): void;
  /** Leaves such a word alone. */
  unshare(word: Int32Array): void;
  /** Detaches, unmaps, closes. The caller knows that the kernel holds nothing. */
  close(): void;
  /**
   * Detaches, cancels and waits for a moment; nothing but the following is of use then. True if the kernel holds nothing:
   * the ring is to be closed. Otherwise the environment's end waits for it.
   */
  abandon(): boolean;
  /**
   * Drops what has completed, as nobody is left to be told of it: the ring has failed or was abandoned. True if the kernel holds
   * nothing any more.
   */
  settled(): boolean;
}

export interface Binding {
  readonly Ring: new (entries: number, completionEntries: number, flags: number) => NativeRing;
  addressOf(buffer: ArrayBufferLike): number;
}

/** What was loaded, by place. Looking for it again needs descriptors, which may have run out by then. */
const loaded = new Map<string, Binding>();

/**
 * Loads the addon: a prebuilt one, or the one that was built at installation.
 *
 * @throws ERR_POLYRING_ADDON, with the error of the loader as its cause
 */
export function loadBinding(): Binding {
  const root = process.env.POLYRING_URING_ADDON_ROOT ?? PACKAGE_ROOT;
  const binding = loaded.get(root) ?? loadAddon<Binding>(root, 'polyring_uring', '@polyring/backend-uring');
  loaded.set(root, binding);
  return binding;
}
