import { byteLengthOf, checkInteger, invalidArgType, MAXIMUM_VECTORS, outOfRange, PolyringError } from '@polyring/core';
import { native } from '../addon/binding.js';

/**
 * Checks that a value is a view with memory behind it.
 *
 * @returns its bytes
 * @throws ERR_INVALID_ARG_TYPE for another value; ERR_POLYRING_DETACHED if its memory is gone
 */
export function viewLength(view: unknown, name = 'view'): number {
  if (!ArrayBuffer.isView(view)) {
    throw invalidArgType(name, 'an instance of Buffer, TypedArray or DataView', view);
  }
  const length = byteLengthOf(view);
  // A view of a detached buffer is empty. `buffer` is a call into the runtime, and this is asked with every call of a socket.
  if (length === 0 && view.buffer.byteLength === 0 && native.isDetached(view.buffer)) {
    throw new PolyringError(
      'ERR_POLYRING_DETACHED',
      `The memory of "${name}" was detached, as by transfer() or postMessage(). Pass a view of memory that is still here.`,
    );
  }
  return length;
}

/**
 * As {@link viewLength}, for who does not need the length.
 *
 * @throws as {@link viewLength}
 */
export function checkView(view: unknown, name = 'view'): asserts view is ArrayBufferView {
  viewLength(view, name);
}

/**
 * The bytes between a view's memory and the multiple of `alignment` below it.
 *
 * @param alignment bytes, a power of two
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function misalignment(view: ArrayBufferView, alignment: number): number {
  checkView(view);
  checkInteger(alignment, 'alignment', 1, 2 ** 30);
  if ((alignment & (alignment - 1)) !== 0) throw outOfRange('alignment', 'a power of two', alignment);
  return native.misalignment(view, alignment);
}

/**
 * Checks a range of bytes within a view.
 *
 * @param length bytes; without it, all from `offset` to the view's end
 * @returns the length
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function checkViewRange(view: unknown, offset: number, length: number | undefined): number {
  const bytes = viewLength(view);
  checkInteger(offset, 'offset', 0, bytes);
  if (length === undefined) return bytes - offset;
  checkInteger(length, 'length', 0, bytes - offset);
  return length;
}

/**
 * Checks the views of a call that takes several.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for more than 1024, ERR_POLYRING_DETACHED
 */
export function checkViews(views: unknown, name: string): asserts views is readonly ArrayBufferView[] {
  if (!Array.isArray(views)) throw invalidArgType(name, 'an instance of Array', views);
  if (views.length > MAXIMUM_VECTORS) throw outOfRange(`${name}.length`, `<= ${MAXIMUM_VECTORS}`, views.length);
  for (const [index, view] of views.entries()) checkView(view, `${name}[${index}]`);
}
