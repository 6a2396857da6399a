import { writeSync } from 'node:fs';
import { nop, timeout } from '@polyring/core';
import { Fixtures } from '../fixtures/fixtures.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { sources } from '../rules/sources.js';
import { loadSubject } from '../subject.js';

/*
 * A process in which nothing but a driver may keep the event loop alive. Arguments: the subject's URL and a mode. In
 * the modes of references, one object after the other waits for an event that only a living loop can bring; in the
 * others, all objects together must not keep the process. It says who was woken, and "ended" when the loop is empty.
 */
const [, , url = '', mode = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const all = sources(new Fixtures(url), driver);
const HOUR = 3_600_000;
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

process.once('beforeExit', () => {
  say('ended');
  process.exit(0);
});

if (mode === 'ref' || mode === 'ref-again') void oneByOne();
else allTogether();

async function oneByOne(): Promise<void> {
  if (mode === 'ref-again') driver.unref().ref();
  for (const { kind, object, poll, raise } of all) {
    if (mode === 'ref-again') object.unref();
    const woken = ready(poll);
    if (mode === 'ref-again') object.ref();
    setTimeout(raise, 20).unref();
    await woken;
    say(`woken ${kind}`);
    object[Symbol.dispose]();
  }
  if (driver.supports.ioUring) await driver.ioUringSubmit(timeout(20)).catch(() => say('woken submission'));
}

function allTogether(): void {
  if (mode === 'idle') {
    for (const { poll, raise } of all) {
      raise();
      poll(() => poll(() => {}));
    }
    if (driver.supports.ioUring) void driver.ioUringSubmit(nop());
    return;
  }
  for (const { kind, object, arm } of all) {
    // What is unreferenced still waits, and may be woken for nothing. What was disposed of may not.
    arm(() => {
      if (!mode.startsWith('unref')) say(`woken ${kind}`);
    });
    if (mode === 'unref-object') object.unref();
    if (mode === 'unref-later') void turn().then(() => object.unref());
    if (mode === 'dispose') object[Symbol.dispose]();
    if (mode === 'dispose-later') void turn().then(() => object[Symbol.dispose]());
  }
  if (mode !== 'unref-driver' && mode !== 'close') return;
  if (driver.supports.ioUring) driver.ioUringSubmit(timeout(HOUR)).catch(() => {});
  if (mode === 'unref-driver') driver.unref();
  else void driver.close();
}
