import { bufferOf, byteLengthOf, PolyringError, partOf } from '@polyring/core';
import type { Arena } from './arena.js';
import type { Block } from './block.js';
import type { Pool } from './pool.js';

// Captured, so that nobody's later change of the prototype sees or stops the copies.
const { set } = Uint8Array.prototype;

/** Marks lent memory as used by an operation. */
export function beginUse(block: Block | undefined): Block {
  if (block === undefined) {
    throw new PolyringError(
      'ERR_POLYRING_RELEASED',
      'The buffer is memory of the driver that was released, or reaches beyond what was allocated. ' +
        'Keep the memory until the last operation on it was submitted.',
    );
  }
  block.use.users += 1;
  return block;
}

/** The end of a use. Memory that was released meanwhile goes back to where it came from. */
export function endUse(pool: Pool, block: Block): void {
  const { use } = block;
  use.users -= 1;
  if (!use.lent && use.users === 0) (block.home ?? pool).give(block);
}

/**
 * Takes a block for a view that the kernel may not touch itself.
 *
 * @param filled whether the view's bytes are to stand in it
 * @throws ERR_POLYRING_DETACHED if they are not there, as of a class that says more of itself than it holds; what the pool
 * throws. Nothing is held then
 */
export function takeBounce(pool: Pool, view: ArrayBufferView, length: number, filled: boolean): Block {
  const block = pool.take(length);
  if (!filled) return block;
  try {
    copyIn(block, 0, view, length);
    return block;
  } catch {
    pool.give(block);
    throw detachedError();
  }
}

export function copyIn(block: Block, at: number, view: ArrayBufferView, length: number): void {
  const bytes = canGrowNow(bufferOf(view)) ? partOf(view, 0, length) : bytesOf(view, length);
  set.call(block.arena.bytes, bytes, block.offset + at);
}

/** Copies a part of a view to the start of a block. Throws ERR_POLYRING_DETACHED if the part is not there (any more). */
export function copyPartIn(block: Block, view: ArrayBufferView, offset: number, length: number): void {
  const live = lengthOfLive(view);
  if (live < offset + length) throw detachedError();
  if (live === length) copyIn(block, 0, view, length);
  else set.call(block.arena.bytes, partOf(view, offset, length), block.offset);
}

export function copyOut(block: Block, at: number, view: ArrayBufferView, length: number): void {
  if (length === 0) return;
  if (byteLengthOf(view) < length) {
    throw new PolyringError(
      'ERR_POLYRING_BUFFER_GONE',
      `The operation read ${length} bytes, but the buffer was detached or shrunk meanwhile. ` +
        'The bytes are lost. Leave a buffer alone until its promise settled.',
    );
  }
  const bytes = at === 0 ? block.first(length) : new Uint8Array(block.arena.bytes.buffer, block.offset + at, length);
  set.call(bytesOf(view, length), bytes);
}

function bytesOf(view: ArrayBufferView, length: number): Uint8Array {
  if (view instanceof Uint8Array && byteLengthOf(view) === length) return view;
  return partOf(view, 0, length);
}

/** Another thread may grow it between two looks at its length. */
function canGrowNow(buffer: ArrayBufferLike): boolean {
  return 'growable' in buffer && buffer.growable === true;
}

/** The arena that a view shows lent memory of. What is empty is nobody's. */
export function arenaOf(pool: Pool, view: ArrayBufferView, length: number): Arena | undefined {
  return length === 0 ? undefined : pool.arenaOf(view);
}

/** A view of a detached buffer is empty, and so may be a live one; but no view can be made on a detached buffer. */
export function lengthOfLive(view: ArrayBufferView): number {
  const length = byteLengthOf(view);
  if (length === 0 && isDetached(view)) throw detachedError();
  return length;
}

function isDetached(view: ArrayBufferView): boolean {
  try {
    new Uint8Array(bufferOf(view));
    return false;
  } catch {
    return true;
  }
}

export function detachedError(): PolyringError {
  return new PolyringError(
    'ERR_POLYRING_DETACHED',
    'The buffer of the entry was detached or shrunk after the entry was made. Make the entry from a live buffer.',
  );
}
