import type { Availability, BackendFactory } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/**
 * Whether a backend is refused on this machine. If so it registers the one test that can hold then:
 * that the backend says why and what to do, and makes no driver.
 */
export function refusedHere(backend: BackendFactory): boolean {
  const availability: Availability = backend.availability();
  if (availability.available) return false;
  const { code, reason, remedy } = availability;
  test(`${backend.name} is refused here (${code}), says what to do, and makes no driver`, () => {
    assert.match(code, /^[a-z]+(-[a-z]+)+$/);
    assert.match(reason, /\.$/);
    assert.match(remedy, /\.$/);
    assert.throws(() => backend.create());
  });
  return true;
}
