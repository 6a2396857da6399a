import {
  acceptMultishot,
  type Driver,
  type IoUringFeature,
  PollEvents,
  pollMultishot,
  timeoutMultishot,
} from '@polyring/core';
import type { RuleContext } from './context.js';

/** Uses what a feature is for, as simply as it can be done: a driver that lacks it throws or rejects. */
type FeatureUse = (driver: Driver, context: RuleContext) => unknown;

/** How each feature that a rule names is used. */
export const featureUses = {
  acceptMultishot: (driver, { fixtures }) => driver.multishot(acceptMultishot(fixtures.listener().fd)),
  pollMultishot: (driver, { fixtures }) => driver.multishot(pollMultishot(fixtures.eventfd().fd, PollEvents.IN)),
  timeoutMultishot: (driver) => driver.multishot(timeoutMultishot(1)),
} as const satisfies Partial<Record<IoUringFeature, FeatureUse>>;

/** A feature that a rule may name. */
export type UsedFeature = keyof typeof featureUses;
