// timeout: 300
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCK, faultyBackend } from './faulty-backend.test-support.js';
import { report, resultOf, runCommand } from './run-command.test-support.js';

/** The first makes a timer and the second makes none. */
const RULES = ['--rules', '{timer.past-ready,ring.unsupported}'];
const [FIRST, SECOND] = ['timer.past-ready', 'ring.unsupported'] as const;

test('a rule whose thread is blocked is killed from outside, and later rules run', async () => {
  const backend = faultyBackend({ newTimer: `console.log('about to block'); ${BLOCK}` });
  const told = await report(backend, ...RULES, '--time-scale', '0.25');
  assert.equal([told.code, told.ok, told.complaints], [1, false, ['1 failure of required rules']]);
  const { outcome, error, end, output } = resultOf(told, FIRST);
  assert.is(outcome, 'failed');
  assert.is(
    error?.message,
    "The rule's process did not end within 5000 ms and was killed before the rule had a result",
  );
  assert.equal(end, { code: null, signal: 'SIGKILL', timedOut: true });
  assert.is(output, 'about to block\n');
  assert.is(resultOf(told, SECOND).outcome, 'passed');
});

for (const [what, newTimer, message, end] of [
  [
    'exits with 0',
    `writeFileSync(2, 'last words'); process.exit(0);`,
    "The rule's process exited with code 0 before the rule had a result",
    { code: 0, signal: null, timedOut: false },
  ],
  [
    'aborts',
    `writeFileSync(2, 'last words'); process.abort();`,
    "The rule's process was ended by SIGABRT before the rule had a result",
    { code: null, signal: 'SIGABRT', timedOut: false },
  ],
] as const) {
  test(`a rule whose process ${what} has failed, with its last words, and later rules run`, async () => {
    const told = await report(faultyBackend({ newTimer }), ...RULES);
    assert.is(told.code, 1);
    const result = resultOf(told, FIRST);
    assert.equal([result.outcome, result.error?.message, result.end], ['failed', message, end]);
    assert.match(result.output ?? '', /^last words/);
    assert.is(resultOf(told, SECOND).outcome, 'passed');
  });
}

test('a rule that passed and whose process does not end by itself has failed', async () => {
  const backend = faultyBackend({ newTimer: 'setInterval(() => {}, 1000);' });
  const told = await report(backend, '--rules', FIRST, '--time-scale', '0.25');
  assert.is(told.code, 1);
  assert.is(
    resultOf(told, FIRST).error?.message,
    'The rule passed, but its process did not end within 1250 ms and was killed after that',
  );
});

test('a rule that fails tells its error, its section and how to run it again', async () => {
  const backend = faultyBackend({ newTimer: `throw new RangeError('no timers today');` });
  const { code, stdout } = await runCommand(backend, '--rules', FIRST, '--seed', '3');
  assert.is(code, 1);
  assert.match(stdout, /FAILED +timer\.past-ready.*contract\.md#timers.*RangeError: no timers today/s);
  assert.ok(stdout.includes(`Again: polyring-testkit ${backend} --rules '${FIRST}' --seed 3\n`), stdout);
  assert.ok(stdout.endsWith('Not passed: 1 failure of required rules.\n'));
});

test('in one process, a module that is refused does not hold the command', async () => {
  const backend = faultyBackend({ load: 'setInterval(() => {}, 1000);', exporting: '' });
  const { code, stderr } = await runCommand(backend, ...RULES, '--in-process');
  assert.is(code, 2);
  assert.match(stderr, /It exports no BackendFactory/);
});

test('in one process, a rule that ends it is told and is no success', async () => {
  const backend = faultyBackend({ newTimer: 'process.exit(0);' });
  const { code, stdout, stderr } = await runCommand(backend, ...RULES, '--in-process');
  assert.equal([code, stdout], [1, '']);
  assert.is(stderr, `polyring-testkit: The process was ended during the rule ${FIRST}. Run without --in-process.\n`);
});

const UNAVAILABLE = `export default { ...backend, availability: () =>
  ({ available: false, exhausted: false, code: 'no-luck', reason: 'Not here.', remedy: 'Go elsewhere.' }) };`;

for (const [what, faults, exitCode, trouble] of [
  ['exports no factory', { exporting: '' }, 2, 'It exports no BackendFactory'],
  [
    'exports half a factory',
    { exporting: 'export default { ...backend, create: undefined };' },
    2,
    'Its export "default" is no BackendFactory: "create" must be a function.',
  ],
  ['cannot be imported', { load: `throw new Error('no\\nway');` }, 2, 'It cannot be imported: no\n'],
  [
    'is unavailable',
    { exporting: UNAVAILABLE },
    1,
    'The backend "faulty" cannot be used here (no-luck). Not here. Go e',
  ],
  [
    'gives no driver',
    { create: `throw new Error('no driver');` },
    1,
    'The backend "faulty" gives no driver: no driver',
  ],
  [
    'answers by a promise',
    { exporting: 'export default { ...backend, create: async () => backend.create() };' },
    1,
    '"create" of the backend "faulty" must return a driver, and at once. Received an instance of Promise',
  ],
] as const) {
  test(`a module that ${what} is told in one line`, async () => {
    const backend = faultyBackend(faults);
    for (const mode of [[], ['--in-process']]) {
      const { code, stdout, stderr } = await runCommand(backend, ...RULES, ...mode);
      assert.equal([code, stdout], [exitCode, ''], stderr);
      assert.match(stderr, /^polyring-testkit: [^\n]*\n$/);
      assert.ok(stderr.includes(trouble), stderr);
    }
  });
}

for (const [what, faults, trouble] of [
  ['hangs', { create: BLOCK }, 'It hung: there was no driver after 2000 ms'],
  ['dies', { load: 'process.abort();' }, 'It ended its process (SIGABRT) before it gave a driver'],
] as const) {
  test(`a backend that ${what} before it gives a driver is told in one line`, async () => {
    const { code, stdout, stderr } = await runCommand(faultyBackend(faults), ...RULES, '--time-scale', '0.2');
    assert.equal([code, stdout], [1, '']);
    assert.match(stderr, /^polyring-testkit: [^\n]*\n$/);
    assert.ok(stderr.includes(trouble), stderr);
  });
}

test.run();
