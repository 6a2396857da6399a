import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Child } from './child.js';

const HANGING = 'setInterval(() => {}, 1000)';

/** A child that runs JavaScript. */
function running(code: string, milliseconds: number, answerWithin?: number): Child {
  return new Child(process.execPath, ['-e', code], {
    milliseconds,
    ...(answerWithin !== undefined && { answerWithin }),
  });
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: Error) => error.message,
  );
}

test('a child that neither answers nor ends is killed, and that is said', async () => {
  const silent = running(HANGING, 50, 100);
  assert.match(await failureOf(silent.answer()), /ended without an answer\. It gave no answer within 0\.2 s\.$/);
  const endless = running(HANGING, 50, 100);
  assert.match(await failureOf(endless.text()), /failed\. It did not end within 0\.2 s\.$/);
});

test('a child has the time of its measurement beside', async () => {
  const slow = running("setTimeout(() => console.log('{}'), 1000)", 60_000, 0);
  assert.equal(await slow.answer(), {});
  await slow.close();
});

test.run();
