// timeout: 300

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CASES } from './cases/index.js';
import { isInstalled } from './processes/installed.js';
import { allowedProcessors } from './processors.js';
import { PLOT } from './report/plot-library.js';
import type { Report } from './report/report.js';

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url));

function bench(...args: string[]) {
  return benchWith({}, ...args);
}

function benchWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  return spawnSync(process.execPath, [CLI, '--no-install', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

test('the cases are listed with their titles, and help with every option', () => {
  const { status, stdout } = bench('--list');
  assert.is(status, 0);
  for (const { name, title } of CASES) {
    assert.match(stdout, `${name} `);
    assert.match(stdout, title);
  }
  const help = bench('--help');
  assert.is(help.status, 0);
  for (const option of ['--case', '--rounds', '--json', '--html', '--from']) assert.match(help.stdout, option);
});

test('a command line that means nothing ends with 2 and says why', () => {
  for (const [args, why] of [
    [['--case', 'nonsense'], 'no case begins with "nonsense"'],
    [['--case', ''], 'no case begins with ""'],
    [['--rounds', '0'], 'at least 1'],
    [['--nonsense'], 'unknown option'],
  ] as const) {
    const { status, stderr } = bench(...args);
    assert.is(status, 2, stderr);
    assert.match(stderr, why);
  }
});

test('a whole name chooses one case, and the beginning of names all of these', () => {
  const names = (name: string) => bench('--list', '--case', name).stdout.match(/^\S+/gm);
  assert.equal(names('echo-1'), ['echo-1']);
  assert.equal(names('echo-10'), ['echo-10']);
  assert.equal(names('timers-2000'), ['timers-2000']);
  assert.equal(names('echo-5'), ['echo-50', 'echo-500']);
});

test('what could not be written or drawn after the run is refused before it', () => {
  const folder = temporaryDirectory();
  const told = join(folder, 'told.json');
  writeFileSync(told, 'before');
  for (const option of ['--json', '--markdown', '--html', '--svg']) {
    for (const path of [folder, join(folder, 'nowhere', 'file')]) {
      const { status, stdout, stderr } = bench('--case', 'lateness', '--rounds', '1', '--json', told, option, path);
      assert.equal([status, stdout], [2, ''], stderr);
      assert.match(stderr, /^error: the results cannot be written: .*\n$/);
    }
  }
  if (!isInstalled(PLOT)) {
    for (const option of ['--html', '--svg']) {
      const { status, stdout, stderr } = bench('--case', 'lateness', '--rounds', '1', option, join(folder, 'drawn'));
      assert.equal([status, stdout], [2, ''], stderr);
      assert.match(stderr, /^error: Observable Plot .*\n$/);
    }
  }
  assert.is(bench('--from', join(folder, 'nowhere'), '--json', join(folder, 'new.json')).status, 2);
  assert.equal(readdirSync(folder), ['told.json']);
  const notes = join(folder, 'notes.md');
  for (const text of ['# Notes\n', '<!-- benchmark -->\n', '<!-- /benchmark -->\n<!-- benchmark -->\n']) {
    writeFileSync(notes, text);
    const { status, stdout, stderr } = bench('--case', 'lateness', '--rounds', '1', '--markdown', notes);
    assert.equal([status, stdout], [2, ''], stderr);
    assert.match(stderr, /^error: .*notes\.md does not have both marks.*\n$/);
    assert.is(readFileSync(notes, 'utf8'), text);
  }
  rmSync(notes);
  symlinkSync('.', join(folder, 'here'));
  for (const twice of [told, `${folder}/here/./told.json`]) {
    const { status, stdout, stderr } = bench('--case', 'lateness', '--json', told, '--html', twice);
    assert.equal([status, stdout], [2, ''], stderr);
    assert.match(stderr, /^error: .* one file is named twice\n$/);
  }
  assert.is(readFileSync(told, 'utf8'), 'before');
});

test('results of an earlier run are not measured anew: what says how is refused, with what to do', () => {
  for (const [name, value] of Object.entries({ case: 'nop', rounds: '9', milliseconds: '30' })) {
    const { status, stdout, stderr } = bench('--from', 'results.json', `--${name}`, value);
    assert.equal([status, stdout], [2, ''], stderr);
    assert.match(stderr, new RegExp(`^error: --from .*, without --${name}; leave one of the two out\\n$`));
  }
});

test('a file without results of this command is refused by its name, and with where such results come from', () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'results.json');
  const refuses = (named: string, trouble: string) => {
    const { status, stdout, stderr } = bench('--from', named);
    assert.equal([status, stdout], [2, ''], stderr);
    const start = `error: ${named} ${trouble}`;
    assert.is(stderr.slice(0, start.length), start);
    assert.match(stderr, /^.*; --from takes what --json wrote\n$/);
  };
  refuses(path, 'cannot be read: ENOENT');
  refuses(folder, 'cannot be read: EISDIR');
  const report = { startedAt: '', machine: { load: 1, versions: {} }, effort: {}, cases: [] };
  const others = [null, 5, [], {}, { cases: [] }, { cases: [{}] }, report, { ...report, cases: [{ rows: 1 }] }];
  for (const text of ['', '\nnot JSON\n', ...others.map((value) => JSON.stringify(value))]) {
    writeFileSync(path, text);
    refuses(path, 'has no results of this command;');
  }
});

test('the smaller commands have help and refuse what means nothing as well', () => {
  for (const [name, mistake] of [
    ['quick', 'nonsense'],
    ['install', '--nonsense'],
  ] as const) {
    const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    const run = (argument: string) => spawnSync(process.execPath, [script, argument], { encoding: 'utf8' });
    assert.match(run('--help').stdout, /^Usage: /);
    const { status, stderr } = run(mistake);
    assert.is(status, 2, stderr);
    assert.match(stderr, /^error: .*\n$/);
  }
});

test('a case runs against its rivals, and its results can be read again', () => {
  const folder = temporaryDirectory();
  const [json, markdown] = [join(folder, 'results.json'), join(folder, 'results.md')];
  const { status, stdout, stderr } = bench(
    '--case',
    'lateness',
    '--rounds',
    '1',
    '--milliseconds',
    '30',
    '--json',
    json,
  );
  assert.is(status, 0, stdout + stderr);
  const { cases, machine } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  assert.ok(machine.kernel.length > 0 && machine.commit.length > 0);
  assert.ok(cases[0]?.rows.some(({ rival, quantiles }) => rival === 'Polyring, epoll' && quantiles?.length === 10));
  const again = bench('--from', json, '--markdown', markdown);
  assert.is(again.status, 0, again.stderr);
  assert.is(again.stdout.trim(), stdout.trim());
  assert.match(readFileSync(markdown, 'utf8'), 'p50 ≤ 0.1 × setTimeout');
  writeFileSync(markdown, `before\n${readFileSync(markdown, 'utf8')}after\n`);
  assert.is(bench('--from', json, '--markdown', markdown).status, 0);
  assert.match(readFileSync(markdown, 'utf8'), /^before\n.*p50 ≤ 0\.1.*\nafter\n$/s);
  // The disk is full, after all.
  const full = bench('--from', json, '--json', '/dev/full', '--markdown', markdown);
  assert.is(full.status, 1);
  assert.match(full.stderr, /^error: \/dev\/full could not be written: ENOSPC.*\n$/);
  const [held, fresh] = [join(folder, 'held.json'), join(folder, 'fresh.md')];
  writeFileSync(held, 'before');
  const command = [process.execPath, CLI, '--no-install', '--from', json, '--json', held, '--markdown', fresh];
  const small = spawnSync('sh', ['-c', 'trap "" XFSZ && ulimit -f 1 && exec "$0" "$@"', ...command], {
    encoding: 'utf8',
  });
  assert.is(small.status, 1);
  assert.is(small.stderr.match(/^error: .* could not be written: EFBIG/gm)?.length, 2, small.stderr);
  assert.is(readFileSync(held, 'utf8'), 'before');
  assert.equal(readdirSync(folder).sort(), ['held.json', 'results.json', 'results.md']);
});

test('what needs a ring is missing where there is none, and nothing is at fault', () => {
  const { status, stdout, stderr } = benchWith({ POLYRING_DISABLE_URING: '1' }, '--case', 'nop', '--rounds', '1');
  assert.is(status, 0, stdout + stderr);
  assert.match(
    stdout,
    /^missing: .*; a bare loop that writes SQEs; .*: The kill switch is on: .*Unset POLYRING_DISABLE_URING/m,
  );
});

test('a case that the machine has no place for is missing as a whole', () => {
  const started = ['--rounds', '1', '--milliseconds', '30'];
  const onOne = spawnSync(
    'taskset',
    ['-c', String(allowedProcessors()[0]), process.execPath, CLI, '--no-install', '--case', 'threads', ...started],
    { encoding: 'utf8' },
  );
  assert.is(onOne.status, 0, onOne.stdout + onOne.stderr);
  assert.match(onOne.stdout, /^missing: Polyring, eventfd, io_uring; .*MessagePort: .* one processor only/m);
  if (!existsSync('/dev/shm')) return;
  const inMemory = benchWith({ TMPDIR: '/dev/shm' }, '--case', 'read-direct', '--case', 'write-sync', ...started);
  assert.is(inMemory.status, 0, inMemory.stdout + inMemory.stderr);
  assert.is(inMemory.stdout.match(/^missing: Polyring, io_uring; .*\/dev\/shm.* \(tmpfs\)/gm)?.length, 2);
});

test('who may not have what he needs is missing, and not at fault', () => {
  const args = ['--no-install', '--case', 'readiness', '--rounds', '1', '--milliseconds', '30'];
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 1000 && exec "$0" "$@"', process.execPath, CLI, ...args],
    { encoding: 'utf8' },
  );
  assert.is(status, 0, stdout + stderr);
  assert.match(stdout, /^missing: .*Polyring, epoll, 10,000 idle: EMFILE/m);
});

test.run();
