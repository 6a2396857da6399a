import { rejectionOf } from '@polyring/test-support';
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

test('a child that neither answers nor ends is killed, and that is said', async () => {
  const silent = running(HANGING, 50, 100);
  assert.match(
    (await rejectionOf(silent.answer())).message,
    /ended without an answer\. It gave no answer within 0\.2 s\.$/,
  );
  const endless = running(HANGING, 50, 100);
  assert.match((await rejectionOf(endless.text())).message, /failed\. It did not end within 0\.2 s\.$/);
});

test('a child has the time of its measurement beside', async () => {
  const slow = running("setTimeout(() => console.log('{}'), 1000)", 60_000, 0);
  assert.equal(await slow.answer(), {});
  await slow.close();
});

test('what the benchmark was started with changes no child, but what a child is given does', async () => {
  const started = {
    UV_THREADPOOL_SIZE: '1',
    NODE_OPTIONS: '--no-warnings',
    POLYRING_BACKEND: 'epoll',
    GIVEN: 'too',
  };
  const code = `console.log(JSON.stringify(${JSON.stringify(Object.keys(started))}.map((name) => process.env[name] ?? '')))`;
  const before = Object.keys(started).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, started);
  try {
    assert.equal(await running(code, 50).answer(), ['4', '', '', 'too']);
    const more = new Child(process.execPath, ['-e', code], { env: { UV_THREADPOOL_SIZE: '128' }, milliseconds: 50 });
    assert.equal(await more.answer(), ['128', '', '', 'too']);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test.run();
