import {
  acceptMultishot,
  type Driver,
  Entry,
  Errno,
  IORING_FILE_INDEX_ALLOC,
  IORING_OP_FILES_UPDATE,
  IORING_OP_READ_MULTISHOT,
  IORING_OP_SEND_ZC,
  IORING_OP_SOCKET,
  type IoUringFeature,
  isPolyringError,
  pollMultishot,
  readMultishot,
  recvMultishot,
  recvmsgMultishot,
  recvSelected,
  timeoutMultishot,
} from '@polyring/core';
import { MSG_WAITALL } from '@polyring/sys';
import { openDescriptors, rejects, throws } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { IORING_REGISTER_PBUF_RING, IORING_REGISTER_PROBE } from './abi.js';
import { type Binding, loadBinding } from './binding.js';
import { kernelThat } from './other-kernel.test-support.js';

const test = suite('features');

/** IORING_REGISTER_SYNC_CANCEL, the first code of io_uring_register(2) that came with Linux 6.0. */
const FIRST_LATER_CODE = 24;

/** Whether a `struct io_uring_buf_reg` asks for what came with Linux 6.4. */
const hasFlags = (argument: NodeJS.TypedArray | null): boolean => (argument?.[3] as number) >>> 16 !== 0;

/** A kernel as old as may be: it knows no opcode and no code from the first of Linux 6.0 on. */
const oldestKernel = (): Binding =>
  kernelThat(
    (code, argument) => {
      if (code >= FIRST_LATER_CODE) return Errno.EINVAL;
      return code === IORING_REGISTER_PBUF_RING && hasFlags(argument) ? Errno.EINVAL : undefined;
    },
    { opcodes: IORING_OP_SEND_ZC, features: 0 },
  );

/** A kernel that has no memory for a code of io_uring_register(2). */
const shortKernel = (short: number, opcodes?: number): Binding =>
  kernelThat((code) => (code === short ? Errno.ENOMEM : undefined), opcodes === undefined ? {} : { opcodes });

/** A kernel without buffer rings, as Ubuntu's 6.8.0-149. */
const kernelWithoutBufferRings = (): Binding =>
  kernelThat((code) => (code === IORING_REGISTER_PBUF_RING ? Errno.EINVAL : undefined));

function unsupportedSince(version: string): (error: unknown) => boolean {
  return (error) =>
    isPolyringError(error) && error.code === 'ERR_POLYRING_UNSUPPORTED' && error.message.includes(`Linux ${version}`);
}

async function withDriver(binding: Binding, body: (driver: Driver) => unknown): Promise<void> {
  const driver = createDriverOver(binding);
  try {
    await body(driver);
  } finally {
    await driver.close();
  }
}

/** Features that came with Linux 5.19 or before. */
const OLDEST: readonly IoUringFeature[] = [
  'acceptMultishot',
  'pollMultishot',
  'bufferRing',
  'fileTable',
  'workerLimits',
  'workerAffinity',
];

type Refusal = [feature: IoUringFeature, since: string, use: () => unknown];

function assertRefused(driver: Driver, refusals: readonly Refusal[]): void {
  for (const [feature, since, use] of refusals) {
    assert.is(driver.ioUring.features[feature], false, feature);
    assert.throws(use, unsupportedSince(since), feature);
  }
}

test('a kernel that lacks a feature says so, with the version that has it', () =>
  withDriver(oldestKernel(), (driver) => {
    const refusals: Refusal[] = [
      ['directDescriptors', '6.0', () => driver.ioUring.fileTable({ directSlots: 1 })],
      ['directDescriptors', '6.0', () => driver.multishot(acceptMultishot(0, { direct: 'alloc' }))],
      ['recvMultishot', '6.0', () => driver.multishot(recvMultishot(0, { group: 0 }))],
      ['recvMultishot', '6.0', () => driver.multishot(recvmsgMultishot(0, { group: 0 }))],
      ['remoteHandle', '6.3', () => driver.remoteHandle(() => {})],
      ['timeoutMultishot', '6.4', () => driver.multishot(timeoutMultishot(1))],
      ['readMultishot', '6.7', () => driver.multishot(readMultishot(0, { group: 0 }))],
    ];
    assertRefused(driver, refusals);
  }));

test("a slot of the kernel's choice is refused by the bits that the kernel looks at", () =>
  withDriver(oldestKernel(), async (driver) => {
    for (const fileIndex of [IORING_FILE_INDEX_ALLOC, -1]) {
      const making = Entry.unsafe({ opcode: IORING_OP_SOCKET, fd: 1, off: 1, fileIndex });
      await rejects(driver.ioUringSubmit(making), 'ERR_POLYRING_UNSUPPORTED');
    }
    for (const off of [IORING_FILE_INDEX_ALLOC, -1, 2 ** 33 - 1]) {
      const fields = { opcode: IORING_OP_FILES_UPDATE, len: 1, buffer: Int32Array.of(0) };
      await rejects(driver.ioUringSubmit(Entry.unsafe({ ...fields, off })), 'ERR_POLYRING_UNSUPPORTED');
    }
  }));

testWith(
  test,
  ['bufferRing'],
  'the oldest kernel has what came with it or before, and rings of buffers as they were then',
  () =>
    withDriver(oldestKernel(), (driver) => {
      const { features } = driver.ioUring;
      for (const name of OLDEST) assert.is(features[name], true, name);
      driver.multishot(acceptMultishot(0));
      driver.multishot(pollMultishot(0, 1));
      assert.is(driver.ioUring.fileTable({ slots: 1 }).slots, 1);
      const buffers = driver.ioUring.bufferRing({ entries: 1, bufferSize: 64 });
      driver.multishot(recvSelected(0, buffers));
      const whole = recvSelected(0, buffers, { flags: MSG_WAITALL });
      throws(() => driver.multishot(whole), 'ERR_POLYRING_UNSUPPORTED');
      assertRefused(driver, [['incrementalBuffers', '6.12', () => driver.ioUring.bufferRing({ incremental: true })]]);
    }),
);

test('a kernel whose buffer rings were taken away says so, and has all else', () =>
  withDriver(kernelWithoutBufferRings(), (driver) => {
    assertRefused(driver, [
      ['bufferRing', '5.19, and some distributions take it away.', () => driver.ioUring.bufferRing()],
      ['incrementalBuffers', '5.19', () => driver.ioUring.bufferRing({ incremental: true })],
    ]);
    assert.is(driver.ioUring.features.timeoutMultishot, driver.ioUringProbe(IORING_OP_READ_MULTISHOT));
  }));

test('what is asked for while memory is short is not taken for missing', async () => {
  const binding = shortKernel(IORING_REGISTER_PBUF_RING, IORING_OP_READ_MULTISHOT);
  await withDriver(binding, ({ ioUring: { features } }) => {
    assert.is(features.bufferRing, true);
    assert.is(features.timeoutMultishot, true);
  });
});

test('a driver that memory is too short to ask the opcodes for is not made, and leaves no descriptor', () => {
  const before = openDescriptors();
  throws(() => createDriverOver(shortKernel(IORING_REGISTER_PROBE)), 'ENOMEM');
  assert.is(openDescriptors(), before);
});

test('this kernel has every feature that its opcodes say', () =>
  withDriver(loadBinding(), (driver) => {
    const { features } = driver.ioUring;
    assert.is(features.sendZc, driver.ioUringProbe(47));
    assert.is(features.readMultishot, driver.ioUringProbe(49));
    assert.ok(Object.values(features).every((answer) => typeof answer === 'boolean'));
    const { bufferRing, incrementalBuffers, ...others } = features;
    if (driver.ioUringProbe(62)) assert.ok(Object.values(others).every(Boolean));
    assert.ok(bufferRing || !incrementalBuffers);
  }));

runWhereGranted(test);
