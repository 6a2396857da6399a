import { writeSync } from 'node:fs';
import { nop, timeout } from '@polyring/core';
import { Fixtures } from '../fixtures/fixtures.js';
import { turn } from '../polling/turn.js';
import { sources } from '../rules/sources.js';
import { loadSubject } from '../subject.js';

/*
 * A process in which nothing but a driver may keep the event loop alive.
 * Arguments: the subject's URL, a kind of object, and what is done with it. It says "woken" when the
 * object's waker runs, and "ended" when the loop has nothing left to do.
 */
const [, , url = '', kind = '', mode = ''] = process.argv;
const { factory } = await loadSubject(url);
const driver = factory.create();
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

process.on('beforeExit', () => {
  say('ended');
  process.exit(0);
});

if (kind === 'submission') submission();
else pending();

function submission(): void {
  if (mode === 'idle') void driver.ioUringSubmit(nop());
  else driver.ioUringSubmit(timeout(mode === 'ref' ? 50 : 3_600_000)).catch(() => say('woken'));
  if (mode === 'unref-driver') driver.unref();
}

function pending(): void {
  const source = sources(new Fixtures(url), driver).find((candidate) => candidate.kind === kind);
  if (source === undefined) throw new Error(`There is no kind ${kind}`);
  const { object } = source;
  const woken = (): void => say('woken');
  if (mode === 'idle') {
    source.raise();
    source.poll(() => source.poll(() => {}));
    return;
  }
  source.arm(woken);
  if (mode === 'unref-driver') driver.unref();
  if (mode === 'unref-object') object.unref();
  if (mode === 'unref-later') void turn().then(() => object.unref());
  if (mode === 'dispose') object[Symbol.dispose]();
  if (mode === 'dispose-later') void turn().then(() => object[Symbol.dispose]());
  if (mode === 'close') void driver.close();
  if (mode === 'ref-again') {
    driver.unref();
    object.unref();
    driver.ref();
    object.ref();
  }
  if (mode === 'ref' || mode === 'ref-again') setTimeout(() => source.raise(), 50).unref();
}
