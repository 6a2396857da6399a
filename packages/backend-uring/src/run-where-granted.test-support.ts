import type { IoUringFeature } from '@polyring/core';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';
import { lackOf } from './kernel-needs.test-support.js';

/**
 * Runs tests that need a ring; where io_uring is refused, the one test that can hold then: that it is said why.
 *
 * @param feature what all of them need of the kernel beside a ring; where that is missing, the one test is that it is said
 */
export function runWhereGranted<Context>(test: Test<Context>, feature?: IoUringFeature): void {
  const availability = uringBackend.availability();
  if (!availability.available) {
    const refused = suite('refused');
    refused(`io_uring is refused here (${availability.code}), and no driver is made`, () => {
      assert.ok(availability.reason.length > 0 && availability.remedy.length > 0);
      assert.throws(() => uringBackend.create());
    });
    refused.run();
  } else if (feature !== undefined && lackOf([feature]) !== undefined) {
    const missing = suite('missing');
    missing(`this kernel has no ${feature}, which all tests of this file need`, async () => {
      const driver = uringBackend.create();
      assert.is(driver.ioUring.features[feature], false);
      await driver.close();
    });
    missing.run();
  } else test.run();
}
