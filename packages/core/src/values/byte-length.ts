/**
 * The bytes of a view; 0 of one whose buffer was detached, a DataView too, which throws by itself then.
 *
 * `length` is asked first, as Node.js 20 calls a function for `byteLength`.
 */
export function byteLengthOf(view: ArrayBufferView): number {
  if (view instanceof Uint8Array) return view.length;
  try {
    return view.byteLength;
  } catch {
    return 0;
  }
}
