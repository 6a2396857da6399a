import type { NativeRing } from '../kernel/binding.js';
import type { Block } from './block.js';
import { BuddyAllocator } from './buddy-allocator.js';
import type { Slab } from './slab.js';

/** What the pool uses of WebAssembly, which only TypeScript's DOM library declares. Absent under `--jitless`. */
declare const WebAssembly:
  | {
      readonly Memory: new (size: {
        readonly initial: number;
        readonly maximum: number;
      }) => { readonly buffer: ArrayBuffer };
    }
  | undefined;

/** Bytes that an arena hands to its slabs at a time, and a page of WebAssembly. */
export const SPAN_SIZE = 65536;

/**
 * One stretch of the driver's memory, at an address that stays.
 *
 * It is the memory of a private WebAssembly.Memory, which no JavaScript can detach. Where there
 * is no WebAssembly it is a mapping of the ring's own, which is then never shown to anybody.
 */
export class Arena {
  /** All bytes of the arena. */
  readonly bytes: Buffer;
  /** Where the kernel finds them. */
  readonly address: number;
  /** Whether parts may be lent to the driver's user. */
  readonly lendable: boolean;
  /** The free spans, by number. */
  readonly spans: BuddyAllocator;
  /** Who has each span: a slab, or one block of whole spans. */
  readonly owners: (Slab | Block | undefined)[];
  /** The index among the ring's registered buffers; undefined until it is needed, and where it is registered in parts. */
  registeredIndex: number | undefined;
  /** How many operations worked on it before it was registered. */
  uses = 0;

  constructor(buffer: ArrayBuffer, address: number, lendable: boolean) {
    this.bytes = Buffer.from(buffer);
    this.address = address;
    this.lendable = lendable;
    const spanCount = buffer.byteLength / SPAN_SIZE;
    this.spans = new BuddyAllocator(spanCount);
    this.owners = new Array<Slab | Block | undefined>(spanCount).fill(undefined);
  }
}

/** A place in an arena. */
export interface Place {
  readonly arena: Arena;
  /** Where the kernel finds it. */
  readonly address: number;
}

/** Where arenas get their memory from. */
export interface ArenaSource {
  readonly native: Pick<NativeRing, 'mapMemory'>;
  addressOf(buffer: ArrayBufferLike): number;
}

/** Makes an arena that parts may be lent of, where there is WebAssembly; else a private one. A negative error number on failure. */
export function makeLendableArena(source: ArenaSource, spanCount: number): Arena | number {
  const buffer = wasmMemory(spanCount);
  if (buffer === undefined) return makePrivateArena(source, spanCount);
  return new Arena(buffer, source.addressOf(buffer), true);
}

/** Makes an arena that nobody but the driver ever sees. A negative error number on failure. */
export function makePrivateArena(source: ArenaSource, spanCount: number): Arena | number {
  const mapped = source.native.mapMemory(spanCount * SPAN_SIZE);
  return typeof mapped === 'number' ? mapped : new Arena(mapped, source.addressOf(mapped), false);
}

/** Undefined without WebAssembly, and where the address space for a Memory's guard regions is not granted. */
function wasmMemory(spanCount: number): ArrayBuffer | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    return new WebAssembly.Memory({ initial: spanCount, maximum: spanCount }).buffer;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
