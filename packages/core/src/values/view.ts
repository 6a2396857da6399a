/**
 * What the engine says of a view, whatever a class of the caller's says: memory is found by it.
 *
 * Its own getters are called, and not only for that: compiled code of Node.js 20 and 22 that has met a view of a resizable
 * buffer goes on to answer `view.length` with what a view held before its buffer was detached.
 */

type Getter<T> = (this: ArrayBufferView) => T;

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

const lengthOf = getterOf<number>(typedArray, 'length');
/** Undefined for a DataView. */
const kindOf = getterOf<string | undefined>(typedArray, Symbol.toStringTag);
const ofArrays = gettersOf(typedArray);
const ofDataViews = gettersOf(DataView.prototype);

/** The bytes of a view; 0 of one whose buffer was detached, a DataView too, which throws by itself then. */
export function byteLengthOf(view: ArrayBufferView): number {
  try {
    // `length` is asked first, as Node.js 20 calls a function for `byteLength`.
    return view instanceof Uint8Array ? lengthOf.call(view) : gettersFor(view).byteLength.call(view);
  } catch {
    return 0;
  }
}

/** Where a view begins in its buffer. Throws, as {@link bufferOf} does, for what is no view. */
export function byteOffsetOf(view: ArrayBufferView): number {
  return gettersFor(view).byteOffset.call(view);
}

/** The buffer of a view. */
export function bufferOf(view: ArrayBufferView): ArrayBufferLike {
  return gettersFor(view).buffer.call(view);
}

/** A part of a view as bytes. The engine refuses one that is not there. */
export function partOf(view: ArrayBufferView, offset: number, length: number): Uint8Array {
  return new Uint8Array(bufferOf(view), byteOffsetOf(view) + offset, length);
}

function gettersFor(view: ArrayBufferView): typeof ofArrays {
  return kindOf.call(view) === undefined ? ofDataViews : ofArrays;
}

function gettersOf(prototype: object) {
  return {
    buffer: getterOf<ArrayBufferLike>(prototype, 'buffer'),
    byteOffset: getterOf<number>(prototype, 'byteOffset'),
    byteLength: getterOf<number>(prototype, 'byteLength'),
  };
}

function getterOf<T>(prototype: object, name: PropertyKey): Getter<T> {
  return (Object.getOwnPropertyDescriptor(prototype, name) as { get: Getter<T> }).get;
}
