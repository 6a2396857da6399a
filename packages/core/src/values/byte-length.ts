const { get: lengthOf } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length') as {
  get: (this: ArrayBufferView) => number;
};

/**
 * The bytes of a view; 0 of one whose buffer was detached, a DataView too, which throws by itself then.
 *
 * `length` is asked first, as Node.js 20 calls a function for `byteLength`; and by its own getter: compiled code of Node.js
 * 20 and 22 that has met a view of a resizable buffer goes on to answer `view.length` with what a view held before its
 * buffer was detached. It is also what no class of a caller's can change.
 */
export function byteLengthOf(view: ArrayBufferView): number {
  try {
    return view instanceof Uint8Array ? lengthOf.call(view) : view.byteLength;
  } catch {
    return 0;
  }
}
