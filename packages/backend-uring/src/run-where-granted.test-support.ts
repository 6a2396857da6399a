import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';

/** Runs tests that need a ring; where io_uring is refused, the one test that can hold then: that it is said why. */
export function runWhereGranted<Context>(test: Test<Context>): void {
  const availability = uringBackend.availability();
  if (availability.available) {
    test.run();
    return;
  }
  const refused = suite('refused');
  refused(`io_uring is refused here (${availability.code}), and no driver is made`, () => {
    assert.ok(availability.reason.length > 0 && availability.remedy.length > 0);
    assert.throws(() => uringBackend.create());
  });
  refused.run();
}
