import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@polyring/test-support';
import { Parser, type Result } from 'tap-parser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const RULES = ['timer.past-ready', 'scope.throwing-waker', 'ring.probe'];

/** Runs rules on the epoll backend, or on one whose timers are always ready, and reads what node:test says. */
async function run(faulty: boolean): Promise<{ code: number; results: Result[]; text: string }> {
  const importing = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const epoll = JSON.stringify(import.meta.resolve('@polyring/backend-epoll'));
  const folder = temporaryDirectory({
    'backend.mjs': `import epoll from ${epoll};
      export default { ...epoll, create(options) {
        const driver = epoll.create(options);
        ${faulty ? 'driver.newDynTimer = () => { throw new Error("no timers") };' : ''}
        return driver;
      } };`,
    'run.mjs': `import { loadSubject } from ${importing('../subject.js')};
      import { registerRules } from ${importing('./node-test.js')};
      const rules = ${JSON.stringify(RULES)};
      const subject = await loadSubject(new URL('./backend.mjs', import.meta.url).href);
      registerRules(subject, { filter: ({ id }) => rules.includes(id) });`,
  });
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const ended = promisify(execFile)(process.execPath, ['--test-reporter=tap', `${folder}/run.mjs`], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  const { code, stdout } = await ended;
  const results: Result[] = [];
  const parser = new Parser();
  parser.on('result', (result: Result) => results.push(result));
  parser.end(stdout);
  return { code, results, text: stdout };
}

test('each rule is a test of node:test, one for another kind of driver is skipped with the reason', async () => {
  const { code, results, text } = await run(false);
  assert.is(code, 0, text);
  assert.equal(
    results.map(({ ok, name, skip }) => [ok, name.split(':', 1)[0], skip]),
    [
      [true, 'timer.past-ready', false],
      [true, 'scope.throwing-waker', false],
      [true, 'ring.probe', 'driver.supports.ioUring is false: the rules for drivers without it apply'],
    ],
  );
  assert.not.match(text, /asynchronous activity/, 'errors that a rule expects are not for node:test');
});

test('a required rule that fails is a test that fails', async () => {
  const { code, results, text } = await run(true);
  assert.is(code, 1);
  assert.equal(
    results.map(({ ok }) => ok),
    [false, false, true],
  );
  assert.match(text, /no timers/);
});

test.run();
