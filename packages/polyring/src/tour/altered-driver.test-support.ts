import type { Driver } from '@polyring/core';

/** A driver of which some methods do something else. */
export function alteredDriver(driver: Driver, changes: Partial<Driver>): Driver {
  return new Proxy(driver, {
    get(target, key) {
      const source = Object.hasOwn(changes, key) ? changes : target;
      const value: unknown = Reflect.get(source, key, source);
      return typeof value === 'function' ? value.bind(source) : value;
    },
  });
}
