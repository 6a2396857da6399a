// timeout: 300
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@polyring/test-support';
import { parse, type TestSuites } from 'junit2json';
import { Parser } from 'tap-parser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kitVersion } from './report/circumstances.js';
import { rules } from './rules/index.js';
import { report, runCommand } from './run-command.test-support.js';

const EPOLL = '@polyring/backend-epoll';

/** Three rules that are quick: one for every driver, one for drivers with a ring and one for those without. */
const QUICK = ['--rules', '{timer.past-ready,ring.probe,ring.unsupported}'];

test('--version, --help, --list and --explain need no backend', async () => {
  assert.equal(await runCommand('--version'), { code: 0, signal: null, stdout: `${kitVersion()}\n`, stderr: '' });
  const help = await runCommand('--help');
  assert.is(help.code, 0);
  assert.match(help.stdout, /^Usage: polyring-testkit .*--time-scale.*Exit codes: 0 .*, 1 .*, 2 /s);
  const list = await runCommand('--list');
  assert.equal([list.code, list.stdout.trimEnd().split('\n').length], [0, rules.length]);
  const some = await runCommand('--list', '--rules', 'timer.{order,infinite}');
  assert.match(some.stdout, /^timer\.order +required +.*\ntimer\.infinite +required +.*\n$/);
  const explained = await runCommand('--explain', 'ring.unsupported');
  assert.is(explained.code, 0);
  assert.match(
    explained.stdout,
    /^ring\.unsupported \(required\)\n.*contract\.md#ring.*supports\.ioUring is false.*ms/s,
  );
});

test('wrong usage is told in one line, with exit code 2', async () => {
  for (const [args, trouble] of [
    [['--bogus'], "unknown option '--bogus'"],
    [[], 'Name the module or package'],
    [[''], 'Name the module or package'],
    [[EPOLL, 'more'], 'too many arguments'],
    [[EPOLL, '--rules'], 'argument missing'],
    [[EPOLL, '--rules', 'nothing.*'], 'No rule matches "nothing.*"'],
    [[EPOLL, '--seed', '-1'], 'Give an integer'],
    [[EPOLL, '--repeat', '0'], 'Give an integer of 1 or more'],
    [[EPOLL, '--time-scale', 'much'], 'Give a number above 0'],
    [[EPOLL, '--concurrency', '1.5'], 'Give an integer of 1 or more'],
    [[EPOLL, '--reporter', 'dots'], 'Allowed choices are spec, tap, junit, json, markdown'],
    [[EPOLL, '--out', '/nowhere/report'], 'The report cannot be written: ENOENT'],
    [['--explain', 'timer.nothing'], 'There is no rule "timer.nothing"'],
    [['./nothing.js'], 'There is no module "./nothing.js"'],
    [['not-installed'], 'There is no module "not-installed"'],
  ] satisfies [string[], string][]) {
    const { code, stdout, stderr } = await runCommand(...args);
    assert.equal([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^polyring-testkit: [^\n]*\n$/);
    assert.ok(stderr.includes(trouble), stderr);
  }
});

test('the report tells what was judged, where, and what became of each rule', async () => {
  const told = await report(EPOLL, ...QUICK, '--seed', '41');
  assert.equal([told.code, told.ok, told.complaints], [0, true, []]);
  assert.equal([told.kit, told.node, told.architecture], [kitVersion(), process.version, process.arch]);
  assert.equal(told.driver, { name: 'epoll', supports: { ioUring: false }, opcodes: [], features: [] });
  assert.equal([told.subject, told.seed, told.isolated, told.chosen], [EPOLL, 41, true, 3]);
  assert.equal(
    told.results.map(({ id, outcome, reason }) => [id, outcome, reason]),
    [
      ['timer.past-ready', 'passed', undefined],
      ['ring.unsupported', 'passed', undefined],
      ['ring.probe', 'skipped', 'driver.supports.ioUring is false: the rules for drivers without it apply'],
    ],
  );
  for (const { milliseconds, outcome } of told.results) assert.is(milliseconds > 0, outcome === 'passed');
});

test('without a seed one is chosen and told, and each round has the next', async () => {
  const told = await report(EPOLL, '--rules', 'timer.past-ready', '--repeat', '3', '--in-process');
  assert.equal([told.code, told.rounds, told.isolated], [0, 3, false]);
  assert.equal(
    told.results.map(({ round, seed }) => [round, seed]),
    [0, 1, 2].map((index) => [index + 1, (told.seed + index) % 2 ** 32]),
  );
  const again = await report(EPOLL, '--rules', 'timer.past-ready', '--in-process');
  assert.is.not(again.seed, told.seed);
});

test('the spec reporter is for people, and in a pipe without escape sequences and progress', async () => {
  const { code, stdout, stderr } = await runCommand(EPOLL, ...QUICK, '--concurrency', '2');
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /^The driver "epoll" .*seed \d+.*passed +timer\.past-ready.*2 passed, 0 failed, 1 skipped/s);
  for (const mark of ['\r', '\x1b']) assert.not.ok(stdout.includes(mark));
});

test('consumers of TAP and JUnit read the reports', async () => {
  const tap = await runCommand(EPOLL, ...QUICK, '--in-process', '--reporter', 'tap');
  assert.is(tap.code, 0);
  const parser = new Parser({ strict: true });
  parser.end(tap.stdout);
  assert.equal([parser.ok, parser.results?.count, parser.results?.skip], [true, 3, 1]);

  const junit = await runCommand(EPOLL, ...QUICK, '--in-process', '--reporter', 'junit');
  assert.is(junit.code, 0);
  const suites = (await parse(junit.stdout)) as TestSuites;
  assert.equal([suites.tests, suites.failures, suites.testsuite?.[0]?.testcase?.length], [3, 0, 3]);
});

test('--out writes the report to a file and leaves the totals to the standard output', async () => {
  const file = join(temporaryDirectory(), 'report.md');
  const { code, stdout } = await runCommand(EPOLL, ...QUICK, '--in-process', '--reporter', 'markdown', '--out', file);
  assert.equal([code, stdout], [0, '2 passed, 0 failed, 1 skipped\n']);
  assert.match(readFileSync(file, 'utf8'), /^# Conformance of the driver "epoll"\n/);
});

test('a report that cannot be written at the end is told in one line', async () => {
  const { code, stderr } = await runCommand(EPOLL, ...QUICK, '--in-process', '--out', '/dev/full');
  assert.is(code, 1);
  assert.match(stderr, /^polyring-testkit: The report cannot be written: ENOSPC.*\n$/);
});

test('a run in which every rule was skipped is no success', async () => {
  const { code, complaints } = await report(EPOLL, '--rules', 'ring.probe', '--in-process');
  assert.equal([code, complaints], [1, ['no rule ran']]);
});

test.run();
