import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { overlay } from './overlay.js';

class Counter {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(): this {
    this.#count += 1;
    return this;
  }

  reset(): void {
    this.#count = 0;
  }
}

test('what is not changed works on the inner object, private fields included', () => {
  const inner = new Counter();
  const outer = overlay(inner, {});
  outer.add();
  assert.is(outer.count, 1);
  assert.is(inner.count, 1);
});

test('what is changed hides what the inner object does', () => {
  const inner = new Counter();
  const outer = overlay(inner, {
    get count() {
      return 10 * inner.count;
    },
    reset: () => {},
  });
  outer.add();
  outer.reset();
  assert.is(outer.count, 10);
});

test('a method that returns its object returns the outer one', () => {
  const inner = new Counter();
  const outer = overlay(inner, { add: () => inner as never });
  assert.is(overlay(inner, {}).add().count, 1);
  assert.is(outer.add(), outer);
});

test.run();
