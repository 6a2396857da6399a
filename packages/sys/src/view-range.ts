import { checkInteger, invalidArgType, PolyringError } from '@polyring/core';
import { native } from './binding.js';

/**
 * Checks that a value is a view with memory behind it.
 *
 * @throws ERR_INVALID_ARG_TYPE for another value; ERR_POLYRING_DETACHED if its memory is gone
 */
export function checkView(view: unknown, name = 'view'): asserts view is ArrayBufferView {
  if (!ArrayBuffer.isView(view)) {
    throw invalidArgType(name, 'an instance of Buffer, TypedArray or DataView', view);
  }
  if (view.buffer.byteLength === 0 && native.isDetached(view.buffer)) {
    throw new PolyringError(
      'ERR_POLYRING_DETACHED',
      `The memory of "${name}" was detached, as by transfer() or postMessage(). Pass a view of memory that is still here.`,
    );
  }
}

/**
 * Checks a range of bytes within a view.
 *
 * @param length bytes; without it, all from `offset` to the view's end
 * @returns the length
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_POLYRING_DETACHED
 */
export function checkViewRange(view: unknown, offset: number, length: number | undefined): number {
  checkView(view);
  checkInteger(offset, 'offset', 0, view.byteLength);
  if (length === undefined) return view.byteLength - offset;
  checkInteger(length, 'length', 0, view.byteLength - offset);
  return length;
}
