import { closeSync, openSync } from 'node:fs';
import { pipe2 } from '@polyring/sys';
import { temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DoctorReport } from './doctor/report.js';
import { ownVersion } from './own-version.js';
import { runPolyring } from './run-process.test-support.js';

const app = temporaryDirectory({ 'package.json': { name: 'app' } });

test('--version prints the version of the package and --help the commands and exit codes', async () => {
  assert.equal(await runPolyring(['--version']), { code: 0, signal: null, stdout: `${ownVersion()}\n`, stderr: '' });
  const help = await runPolyring(['--help']);
  assert.equal([help.code, help.stderr], [0, '']);
  for (const text of ['doctor', 'tour', 'Exit codes:']) assert.ok(help.stdout.includes(text), text);
  const doctor = await runPolyring(['doctor', '--help']);
  assert.is(doctor.code, 0);
  assert.match(doctor.stdout, /--json.*Exit codes: 0 .*, 1 .*, 2 /s);
});

test('wrong usage is told in one line, with exit code 2', async () => {
  for (const [args, trouble] of [
    [['doctor', '--jsno'], "unknown option '--jsno'"],
    [['--jsno'], "unknown option '--jsno'"],
    [['docter'], "unknown command 'docter'"],
    [['doctor', 'more'], "too many arguments for 'doctor'"],
    [['tour', '--backend'], 'argument missing'],
  ] as const) {
    const { code, stdout, stderr } = await runPolyring(args);
    assert.equal([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^polyring: [^\n]*\n$/);
    assert.ok(stderr.includes(trouble), stderr);
  }
});

test('without a command the usage is printed, with exit code 2', async () => {
  const { code, stdout, stderr } = await runPolyring([]);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /^Usage: polyring/);
});

const PRINTING = [
  ['--version'],
  ['--help'],
  ['doctor'],
  ['doctor', '--json'],
  ['tour', '--help'],
  ['tour', '--size', '1M'],
];

test('where nobody reads any more, each command ends without a word, with exit code 1', async () => {
  for (const args of PRINTING) {
    const [readFd, writeFd] = pipe2({ nonblock: false });
    closeSync(readFd);
    const ended = await runPolyring(args, { cwd: app, stdout: writeFd });
    closeSync(writeFd);
    assert.equal(ended, { code: 1, signal: null, stdout: '', stderr: '' }, args.join(' '));
  }
});

test('where the output has no room, each command says so in one line, with exit code 1', async () => {
  const full = openSync('/dev/full', 'w');
  const starts = PRINTING.map((args) => ({ args, env: {} }));
  for (const { args, env } of [...starts, { args: ['doctor'], env: { POLYRING_BACKEND: 'nothing' } }]) {
    const { code, stderr } = await runPolyring(args, { cwd: app, env, stdout: full });
    assert.is(code, 1, args.join(' '));
    assert.match(stderr, /^polyring: the output cannot be written: ENOSPC[^\n]*\n$/);
  }
  closeSync(full);
});

test('the doctor prints text for people without escape sequences into a pipe', async () => {
  const { code, stdout, stderr } = await runPolyring(['doctor'], { cwd: app });
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout, /^Polyring .*What auto takes.*A driver can be had\.\n$/s);
  assert.not.ok(stdout.includes('\x1b'));
});

test('the doctor exits with 1 where no driver can be had as configured', async () => {
  for (const env of [{ POLYRING_BACKEND: 'nothing' }, { POLYRING_DISABLE_URING: '1', STRICT: '1' }] as Record<
    string,
    string
  >[]) {
    const cwd = 'STRICT' in env ? temporaryDirectory({ '.polyringrc': { strict: true } }) : app;
    const { code, stdout, stderr } = await runPolyring(['doctor', '--json'], { cwd, env });
    assert.equal([code, stderr], [1, '']);
    const report = JSON.parse(stdout) as DoctorReport;
    assert.is(report.ok, false);
    assert.ok(report.configured.error?.message);
  }
});

test('the doctor ends with 1 where a module that failed keeps the process', async () => {
  const cwd = temporaryDirectory({
    'polyring.config.mjs': 'setInterval(() => {}, 1_000); throw new Error("planted");',
  });
  const { code, stdout } = await runPolyring(['doctor', '--json'], { cwd });
  assert.is(code, 1);
  assert.match((JSON.parse(stdout) as DoctorReport).configured.error?.message ?? '', /planted/);
});

test.run();
