/**
 * An object that does everything as another one does, except for what is given.
 *
 * @param inner stays as it is; methods that return it return the new object
 */
export function overlay<T extends object>(inner: T, changes: Partial<T>): T {
  const outer: T = new Proxy(inner, {
    get(target, key) {
      const source = Object.hasOwn(changes, key) ? changes : target;
      const value: unknown = Reflect.get(source, key, source);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, source, args);
        return result === target ? outer : result;
      };
    },
  });
  return outer;
}
