import { writeSync } from 'node:fs';
import { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { loadSubject } from '../subject.js';
import {
  patientWaitables,
  slotWaitables,
  socketSlotWaitables,
  type Waitable,
  waitables,
} from '../waitables/object-waitables.js';
import { ringWaitables } from '../waitables/ring-waitables.js';

/*
 * A process in which nothing but a driver may keep the event loop alive. Arguments: the subject's URL, and "again" to
 * unreference and reference everything before and meanwhile, or "together" to let objects wait at the same time. One
 * object after the other gets its event, which only a living loop can bring. It says who was woken, and "ended" when the
 * loop is empty.
 */
const [, , url = '', mode = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const fixtures = new Fixtures(url);
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

process.once('beforeExit', () => {
  say('ended');
  process.exit(0);
});

void (mode === 'together' ? together() : oneByOne());

async function oneByOne(): Promise<void> {
  if (mode === 'again') driver.unref().ref();
  for (const { kind, object, poll, raise } of [...waitables(fixtures, driver), ...patientWaitables(fixtures, driver)]) {
    if (mode === 'again') object.unref();
    const woken = ready(poll);
    if (mode === 'again') object.ref();
    await eventOf(kind, raise, woken);
    object[Symbol.dispose]();
  }
  for (const { kind, begin, raise } of ringWaitables(fixtures, driver)) await eventOf(kind, raise, begin());
}

/**
 * The slots of one registration are a group of their own, so that nobody else holds the loop for the last of them. It is
 * the one and then the other that is the last.
 */
async function together(): Promise<void> {
  const [spare] = waitables(fixtures, driver);
  spare?.arm(() => {});
  spare?.object.unref();
  const objects = [...waitables(fixtures, driver), ...patientWaitables(fixtures, driver)];
  await atOnce(objects);
  for (const slots of [slotWaitables, socketSlotWaitables]) {
    await atOnce(slots(fixtures, driver));
    await atOnce(slots(fixtures, driver).reverse());
  }
}

/** Each waits beside others: some whose event has come, some that are unreferenced, and some that are disposed of. */
async function atOnce(group: readonly Waitable[]): Promise<void> {
  const waiting = group.map(({ kind, poll, raise }) => ({ kind, raise, woken: ready(poll) }));
  for (const { object, arm } of waitables(fixtures, driver)) {
    arm(() => {});
    object[Symbol.dispose]();
    object.unref();
  }
  for (const { object, arm } of waitables(fixtures, driver)) {
    arm(() => {});
    object.unref();
    object[Symbol.dispose]();
  }
  for (const { object, poll, raise } of waitables(fixtures, driver)) {
    object.unref();
    const woken = ready(poll);
    raise();
    await woken;
  }
  for (const { kind, raise, woken } of waiting) await eventOf(kind, raise, woken);
}

/** Brings the event of who waits, and says that it came. */
async function eventOf(kind: string, raise: () => void, woken: Promise<unknown>): Promise<void> {
  if (mode === 'again') {
    driver.unref();
    await turn();
    driver.ref();
  }
  setTimeout(raise, 20).unref();
  await woken;
  say(`woken ${kind}`);
}
