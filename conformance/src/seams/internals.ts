import type { Change } from './change.js';

/** A change inside a backend: methods of its classes are replaced before its first driver is made. */
export function inside(replace: () => void): Change {
  return (base) => {
    replace();
    return base;
  };
}

/** Replaces a method of a class. */
export function replaceMethod<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  replacement: (original: T[K]) => T[K],
): void {
  prototype[name] = replacement(prototype[name]);
}

/** Replaces a getter of a class. The replacement gets what the original says, and of which object. */
export function replaceGetter<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  replacement: (value: T[K], object: T) => T[K],
): void {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  if (get === undefined) throw new TypeError(`${String(name)} is no getter`);
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: T): T[K] {
      return replacement(Reflect.apply(get, this, []) as T[K], this);
    },
  });
}
