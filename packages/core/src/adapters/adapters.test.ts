import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Driver } from '../contract/driver.js';
import { FAKE_INBOX, FAKE_MULTISHOT, FAKE_RESOURCES, FakeParts, fakeDriver } from '../fake-driver.test-support.js';
import { nop } from '../io-uring/builders/nop.js';
import { ArcDriver } from './arc-driver.js';
import { BoxDriver } from './box-driver.js';
import { driverFrom } from './driver-from.js';
import { NoIoUring } from './no-io-uring.js';

const ENTRY = nop();

/** What throws on a driver that is not there any more. */
const THROWING: readonly [string, (driver: Driver) => unknown][] = [
  ['newDynTimer', (driver) => driver.newDynTimer()],
  ['newDynFdReady', (driver) => driver.newDynFdReady(3)],
  ['newDynSocketReady', (driver) => driver.newDynSocketReady(4)],
  ['newDynWait', (driver) => driver.newDynWait(5, 8)],
  ['multishot', (driver) => driver.multishot(ENTRY)],
  ['remoteHandle', (driver) => driver.remoteHandle(() => {})],
  ['allocate', (driver) => driver.allocate(16)],
];

function assertThrows(fn: () => unknown, code: string, name: string): void {
  try {
    fn();
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, code, name);
    return;
  }
  assert.unreachable(`${name} did not throw`);
}

const WRAPPERS: readonly [string, (driver: Driver) => Driver][] = [
  ['driverFrom', (driver) => driver],
  ['BoxDriver', (driver) => new BoxDriver(driver)],
  ['ArcDriver', (driver) => new ArcDriver(driver)],
  ['an ArcDriver of a BoxDriver', (driver) => new ArcDriver(new BoxDriver(driver))],
];

for (const [name, wrap] of WRAPPERS) {
  test(`${name} hands every call to the driver's parts`, async () => {
    const { driver: inner, parts } = fakeDriver();
    const driver = wrap(inner);
    const options = {};
    const listener = () => {};
    assert.is(driver.newDynTimer(), parts.timers[0]);
    assert.is(driver.newDynFdReady(3), parts.ready[0]);
    assert.is(driver.newDynSocketReady(4), parts.ready[1]);
    assert.is(driver.newDynWait(5, 8), parts.waits[0]);
    assert.is(driver.ioUringProbe(0), true);
    assert.is(driver.ioUringProbe(255), false);
    assert.is(await driver.ioUringSubmit(ENTRY, options), 0);
    const entries = [ENTRY];
    assert.equal(await driver.submitMany(entries, options), []);
    assert.equal(await driver.submitLinked(entries, options), []);
    assert.is(driver.multishot(ENTRY, options), FAKE_MULTISHOT);
    assert.is(driver.remoteHandle(listener), FAKE_INBOX);
    assert.is(driver.ioUring, FAKE_RESOURCES);
    assert.is(driver.allocate(16).bytes.length, 16);
    assert.is((await driver.allocateAsync(32)).bytes.length, 32);
    assert.throws(() => driver.allocate(16, { align: 512 }), /heap/);
    await rejects(driver.allocateAsync(32, { align: 512 }), 'ERR_POLYRING_UNSUPPORTED');
    assert.equal(parts.calls, [
      ['newTimer'],
      ['newFdReady', 3],
      ['newSocketReady', 4],
      ['newWait', 5, 8],
      ['submit', ENTRY, options],
      ['submitMany', entries, options],
      ['submitLinked', entries, options],
      ['multishot', ENTRY, options],
      ['remoteHandle', listener],
      ['allocate', 16],
      ['allocateAsync', 32],
      ['allocate', 16],
      ['allocateAsync', 32],
    ]);
    assert.is(parts.calls[4]?.[2], options);
    assert.is(driver.name, 'fake');
    assert.is(driver.supports, parts.supports);
  });

  test(`${name} passes ref and unref on, and returns itself`, () => {
    const { driver: inner, parts } = fakeDriver();
    const driver = wrap(inner);
    assert.is(driver.unref(), driver);
    assert.is(parts.hasRef(), false);
    assert.is(driver.hasRef(), false);
    assert.is(driver.ref(), driver);
    assert.is(parts.hasRef(), true);
  });

  test(`${name} closes the driver, by close and by disposal`, async () => {
    const { driver: inner, parts } = fakeDriver();
    const driver = wrap(inner);
    assert.is(driver.closed, false);
    await driver[Symbol.asyncDispose]();
    assert.is(parts.closes, 1);
    assert.is(driver.closed, true);
    for (const [call, invoke] of THROWING) assertThrows(() => invoke(driver), 'ERR_POLYRING_CLOSED', call);
    await rejects(driver.ioUringSubmit(ENTRY), 'ERR_POLYRING_CLOSED');
    await rejects(driver.submitMany([ENTRY]), 'ERR_POLYRING_CLOSED');
    await rejects(driver.submitLinked([ENTRY]), 'ERR_POLYRING_CLOSED');
    await rejects(driver.allocateAsync(1), 'ERR_POLYRING_CLOSED');
  });
}

test('driverFrom asks for the submitter once', async () => {
  const parts = new FakeParts();
  const driver = driverFrom(parts);
  driver.ioUringProbe(0);
  await driver.ioUringSubmit(ENTRY);
  driver.allocate(1);
  assert.is(parts.submitters, 1);
});

test('a driver without a ring refuses what needs one', async () => {
  const none = new NoIoUring({ name: 'fake', closed: false });
  assertThrows(() => none.multishot(ENTRY), 'ERR_POLYRING_UNSUPPORTED', 'multishot');
  assertThrows(() => none.remoteHandle(() => {}), 'ERR_POLYRING_UNSUPPORTED', 'remoteHandle');
  assertThrows(() => none.ioUring, 'ERR_POLYRING_UNSUPPORTED', 'ioUring');
  await rejects(none.submit(ENTRY), 'ERR_POLYRING_UNSUPPORTED');
});

test('a driver without a ring that was closed says so, and lends nothing', async () => {
  const none = new NoIoUring({ name: 'fake', closed: true });
  assert.not(none.probe(0));
  assertThrows(() => none.multishot(ENTRY), 'ERR_POLYRING_CLOSED', 'multishot');
  assertThrows(() => none.remoteHandle(() => {}), 'ERR_POLYRING_CLOSED', 'remoteHandle');
  assertThrows(() => none.allocate(1), 'ERR_POLYRING_CLOSED', 'allocate');
  for (const refused of [
    none.submit(ENTRY),
    none.submitMany([ENTRY]),
    none.submitLinked([ENTRY]),
    none.allocateAsync(1, { signal: {} as never }),
  ]) {
    await rejects(refused, 'ERR_POLYRING_CLOSED');
  }
});

test('a driver without a ring lends nothing where options close it', async () => {
  for (const allocate of ['allocate', 'allocateAsync'] as const) {
    const driver = { name: 'fake', closed: false };
    const closing = {
      get align() {
        driver.closed = true;
        return 8;
      },
    };
    const lending = (async () => new NoIoUring(driver)[allocate](1, closing))();
    assert.is((await rejectionOf(lending)).code, 'ERR_POLYRING_CLOSED', allocate);
  }
});

test('a box moves its driver out without closing it', async () => {
  const { driver, parts } = fakeDriver();
  const box = new BoxDriver(driver);
  assert.is(box.into(), driver);
  await box.close();
  await box[Symbol.asyncDispose]();
  assert.is(parts.closes, 0);
  assert.is(driver.newDynTimer(), parts.timers[0]);
});

test('the husk of a box throws, rejects a submission and probes false', async () => {
  const box = new BoxDriver(fakeDriver().driver);
  box.into();
  const members: readonly [string, (box: BoxDriver) => unknown][] = [
    ...THROWING,
    ['into', (husk) => husk.into()],
    ['ioUring', (husk) => husk.ioUring],
    ['supports', (husk) => husk.supports],
    ['closed', (husk) => husk.closed],
    ['ref', (husk) => husk.ref()],
    ['unref', (husk) => husk.unref()],
    ['hasRef', (husk) => husk.hasRef()],
  ];
  for (const [name, invoke] of members) assertThrows(() => invoke(box), 'ERR_POLYRING_MOVED', name);
  assert.is(box.ioUringProbe(0), false);
  const error = await rejectionOf(box.ioUringSubmit(ENTRY));
  assert.is(error.code, 'ERR_POLYRING_MOVED');
  await rejects(box.allocateAsync(1), 'ERR_POLYRING_MOVED');
  assert.match(error.message, /"fake"/);
  assert.is(box.name, 'fake');
});

test('a submission that is under way when its box is emptied settles all the same', async () => {
  const box = new BoxDriver(fakeDriver().driver);
  const submission = box.ioUringSubmit(ENTRY);
  box.into();
  assert.is(await submission, 0);
});

test('the owners of a driver are counted', async () => {
  const first = new ArcDriver(fakeDriver().driver);
  assert.is(first.strongCount, 1);
  const second = first.clone();
  const third = second.clone();
  assert.is(first.strongCount, 3);
  await second.close();
  assert.is(first.strongCount, 2);
  assert.is(third.strongCount, 2);
  assert.is(second.strongCount, 2);
});

test('the last owner to be closed closes the driver, and only it', async () => {
  const { driver, parts } = fakeDriver();
  const first = new ArcDriver(driver);
  const second = first.clone();
  await first.close();
  assert.is(parts.closes, 0);
  assert.is(first.closed, true);
  assert.is(second.closed, false);
  assert.is(second.newDynTimer(), parts.timers[0]);
  await second.close();
  assert.is(parts.closes, 1);
  assert.is(first.strongCount, 0);
});

test('closing an owner twice gives up one share', async () => {
  const { driver, parts } = fakeDriver();
  const first = new ArcDriver(driver);
  const second = first.clone();
  assert.is(first.close(), first.close());
  await first[Symbol.asyncDispose]();
  assert.is(second.strongCount, 1);
  assert.is(parts.closes, 0);
});

test('a closed owner throws, rejects a submission and probes false while another works on', async () => {
  const { driver } = fakeDriver();
  const first = new ArcDriver(driver);
  const second = first.clone();
  await first.close();
  const members: readonly [string, (owner: ArcDriver) => unknown][] = [
    ...THROWING,
    ['clone', (owner) => owner.clone()],
    ['ioUring', (owner) => owner.ioUring],
    ['ref', (owner) => owner.ref()],
    ['unref', (owner) => owner.unref()],
    ['hasRef', (owner) => owner.hasRef()],
  ];
  for (const [name, invoke] of members) assertThrows(() => invoke(first), 'ERR_POLYRING_CLOSED', name);
  assert.is(first.ioUringProbe(0), false);
  await rejects(first.ioUringSubmit(ENTRY), 'ERR_POLYRING_CLOSED');
  await rejects(first.allocateAsync(1), 'ERR_POLYRING_CLOSED');
  assert.is(second.ioUringProbe(0), true);
  assert.is(await second.ioUringSubmit(ENTRY), 0);
});

test('an owner knows that the driver was closed by somebody else', async () => {
  const { driver } = fakeDriver();
  const owner = new ArcDriver(driver);
  await driver.close();
  assert.is(owner.closed, true);
});

test.run();
