import {
  acceptMultishot,
  type Driver,
  type IoUringFeature,
  PollEvents,
  pollMultishot,
  readMultishot,
  recvMultishot,
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
  recvMultishot: (driver, { fixtures }) => driver.multishot(recvMultishot(fixtures.socketPair()[0].fd, { group: 0 })),
  readMultishot: (driver, { fixtures }) => driver.multishot(readMultishot(fixtures.pipe().reader.fd, { group: 0 })),
  bufferRing: (driver) => driver.ioUring.bufferRing(),
  sender: (driver, { fixtures }) => driver.ioUring.sender(fixtures.socketPair()[0].fd, { sent() {}, failed() {} }),
  fileTable: (driver) => driver.ioUring.fileTable(),
  directDescriptors: (driver) => driver.ioUring.fileTable({ directSlots: 1 }),
  remoteHandle: (driver) => driver.remoteHandle(() => {}),
  workerLimits: (driver) => driver.ioUring.workerLimits(),
  workerAffinity: (driver) => driver.ioUring.workerAffinity(undefined),
  incrementalBuffers: (driver) => driver.ioUring.bufferRing({ incremental: true }),
} as const satisfies Partial<Record<IoUringFeature, FeatureUse>>;

/** A feature that a rule may name. */
export type UsedFeature = keyof typeof featureUses;
