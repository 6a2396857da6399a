// timeout: 300
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, endOf, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TourReport } from './report.js';
import { FOLDER_PREFIX } from './temporary-folder.js';

const CLI = fileURLToPath(new URL('../cli.js', import.meta.url));

interface Tour {
  readonly child: ChildProcess;
  /** Its TMPDIR, which nobody else uses. */
  readonly temporary: string;
  readonly ended: Promise<Ended>;
}

/** Starts `polyring tour` with its output in pipes. */
function start(args: readonly string[], changes: NodeJS.ProcessEnv = {}): Tour {
  const temporary = temporaryDirectory();
  const env = { ...process.env, TMPDIR: temporary, ...changes };
  const child = spawn(process.execPath, [CLI, 'tour', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, temporary, ended: endOf(child) };
}

/** Resolves when a name that begins with `prefix` is in a folder. */
async function appears(folder: string, prefix: string): Promise<string> {
  const watcher = watch(folder);
  try {
    for (;;) {
      const name = readdirSync(folder).find((each) => each.startsWith(prefix));
      if (name !== undefined) return join(folder, name);
      await once(watcher, 'change');
    }
  } finally {
    watcher.close();
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  for (const file of ['source', 'copy']) {
    test(`${signal} while there is a ${file} leaves nothing and exits with ${code}`, async () => {
      const { child, temporary, ended } = start(['--size', '64M']);
      const folder = await appears(temporary, FOLDER_PREFIX);
      await appears(folder, file);
      child.kill(signal);
      const { code: exitCode, stdout, stderr } = await ended;
      assert.is(exitCode, code);
      assert.is(stderr, '');
      assert.not.match(stdout, /verified/);
      assert.not.ok(existsSync(folder));
      assert.equal(readdirSync(temporary), []);
    });
  }
}

test('a reader who goes away ends the tour, which leaves nothing and prints no stack', async () => {
  const { child, temporary, ended } = start(['--size', '1M']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await ended;
  assert.is(code, 1);
  assert.is(stderr, '');
  assert.equal(readdirSync(temporary), []);
});

test('the whole tour on the backend chosen here is verified, in a pipe without progress, and leaves nothing', async () => {
  const { temporary, ended } = start(['--size', '4M']);
  const { code, stdout, stderr } = await ended;
  assert.is(stderr, '');
  assert.is(code, 0, stdout);
  for (const mark of ['\r', '\x1b', '%']) assert.not.ok(stdout.includes(mark));
  assert.match(stdout, /steps? verified in/);
  assert.equal(readdirSync(temporary), []);
});

test('the JSON of the whole tour is one document', async () => {
  const { code, stdout, stderr } = await start(['--size', '1M', '--json']).ended;
  assert.is(stderr, '');
  assert.is(code, 0, stdout);
  const { ok, steps } = JSON.parse(stdout) as TourReport;
  assert.is(ok, true);
  for (const step of steps) {
    assert.ok(step.ok);
    assert.is(step.sides.length, 2);
    for (const { by, measures } of step.sides) {
      assert.type(by, 'string');
      assert.ok(Object.keys(measures).length >= 3);
      for (const [name, value] of Object.entries(measures)) {
        // setTimeout may be early, at the median too.
        const least = name.includes('LateMilliseconds') ? -1 : 0;
        assert.ok(Number.isFinite(value) && value >= least, `${step.id}, ${by}: ${name} ${value}`);
      }
    }
  }
});

test('the tour of epoll copies through node:fs and says so', async () => {
  const { code, stdout, stderr } = await start(['--backend', 'epoll', '--size', '1M']).ended;
  assert.is(stderr, '');
  assert.is(code, 0, stdout);
  assert.match(stdout, /on the backend "epoll"/);
  assert.match(stdout, /The driver "epoll" has no ring.*copied through node:fs/);
  assert.match(stdout, /steps verified in/);
});

test('with io_uring switched off the tour is on another backend and says why', async () => {
  const { code, stdout } = await start(['--size', '1M', '--json'], { POLYRING_DISABLE_URING: '1' }).ended;
  assert.is(code, 0, stdout);
  const { ok, backend, explanation } = JSON.parse(stdout) as TourReport;
  assert.is(ok, true);
  assert.is(backend, 'epoll');
  assert.match(JSON.stringify(explanation), /POLYRING_DISABLE_URING/);
});

test('a backend that cannot be used is one line with the remedy, and exit code 1', async () => {
  const unavailable = await start(['--backend', 'uring'], { POLYRING_DISABLE_URING: '1' }).ended;
  const unknown = await start(['--backend', 'nowhere']).ended;
  for (const { code, stdout, stderr } of [unavailable, unknown]) {
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, /^polyring: [^\n]+\n$/);
  }
  assert.match(unavailable.stderr, /POLYRING_DISABLE_URING/);
  assert.match(unknown.stderr, /There is no backend "nowhere"/);
});

test('wrong usage is one line and exit code 2', async () => {
  for (const args of [['--jsno'], ['extra'], ['--size', 'big'], ['--size'], ['--backend']]) {
    const { code, stdout, stderr } = await start(args).ended;
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, /^polyring: [^\n]+\n$/);
  }
});

test('too little room is one line with what to do, and exit code 1', async () => {
  const { code, stdout, stderr } = await start(['--size', '1000000G']).ended;
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(stderr, /^polyring: .+ MiB free and the tour needs .+--size\.\n$/);
});

test('an unusable TMPDIR is one line with what to do, and exit code 1', async () => {
  const { code, stdout, stderr } = await start([], { TMPDIR: join(temporaryDirectory(), 'missing') }).ended;
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(stderr, /^polyring: .*ENOENT.*TMPDIR.*\n$/);
});

test('help says every option and ends with 0', async () => {
  const { code, stdout } = await start(['--help']).ended;
  assert.is(code, 0);
  for (const text of ['--backend', '--json', '--size', '--help', 'TMPDIR']) assert.ok(stdout.includes(text), text);
});

test.run();
