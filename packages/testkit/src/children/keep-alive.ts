import { writeSync } from 'node:fs';
import { timeout } from '@polyring/core';
import { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { patientSources, slotSources, sources } from '../rules/sources.js';
import { loadSubject } from '../subject.js';

/*
 * A process in which nothing but a driver may keep the event loop alive. Arguments: the subject's URL, and "again" to
 * unreference and reference everything before, or "together" to let all objects wait at the same time. One object after
 * the other gets its event, which only a living loop can bring. It says who was woken, and "ended" when the loop is empty.
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
  for (const { kind, object, poll, raise } of [...sources(fixtures, driver), ...patientSources(fixtures, driver)]) {
    if (mode === 'again') object.unref();
    const woken = ready(poll);
    if (mode === 'again') object.ref();
    setTimeout(raise, 20).unref();
    await woken;
    say(`woken ${kind}`);
    object[Symbol.dispose]();
  }
  if (driver.supports.ioUring) await driver.ioUringSubmit(timeout(20)).catch(() => say('woken submission'));
}

/** Each waits beside others: some whose event has come, and one that is unreferenced. */
async function together(): Promise<void> {
  const [spare] = sources(fixtures, driver);
  spare?.arm(() => {});
  spare?.object.unref();
  const all = [...sources(fixtures, driver), ...patientSources(fixtures, driver), ...slotSources(fixtures, driver)];
  const waiting = all.map(({ kind, poll, raise }) => ({ kind, raise, woken: ready(poll) }));
  for (const { kind, raise, woken } of waiting) {
    setTimeout(raise, 20).unref();
    await woken;
    say(`woken ${kind}`);
  }
}
