import { readdirSync } from 'node:fs';
import type { Explanation } from '@polyring/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { STALL_LIMIT } from '../stall.js';
import { fileRing } from './file-ring.test-support.js';
import type { Output } from './progress-line.js';
import type { TourReport } from './report.js';
import { type TourStep, VerificationError } from './step.js';
import { fileCopy } from './steps/file-copy/file-copy.js';
import { type TourParts, tourSession } from './tour-session.js';

const SIZE = 2 ** 20;
const EXPLANATION: Explanation = {
  requested: 'auto',
  strict: false,
  requiredOpcodes: [],
  taken: 'file-ring',
  candidates: [{ name: 'file-ring', priority: 1, outcome: 'taken' }],
};
const ESCAPE = '\x1b';

/** A step that does nothing and says so. */
const calm: TourStep = {
  id: 'calm',
  title: 'Calm',
  run: async (context) => {
    context.progress('resting', 0.5);
    const side = { by: 'either', measures: { operations: 1_234, seconds: 0.5 } };
    return { verified: 'Nothing happened.', unit: 'rests', sides: [side, side] };
  },
};

class Text implements Output {
  text = '';
  readonly isTTY: boolean;
  readonly hasColors: () => boolean;

  constructor(isTTY: boolean, colours: boolean) {
    this.isTTY = isTTY;
    this.hasColors = () => colours;
  }

  write(text: string): void {
    this.text += text;
  }
}

interface Circumstances extends Partial<TourParts> {
  readonly tty?: boolean;
  readonly colours?: boolean;
  readonly json?: boolean;
  readonly backend?: string;
}

async function session(circumstances: Circumstances) {
  const { tty = false, colours = false, json = false, backend = 'auto', ...own } = circumstances;
  const stdout = new Text(tty, colours);
  const stderr = new Text(tty, colours);
  const driver = fileRing();
  const code = await tourSession(
    { backend, json, size: SIZE },
    {
      stdout,
      stderr,
      steps: [fileCopy, calm],
      stallLimit: STALL_LIMIT,
      openDriver: async () => ({ driver, explanation: EXPLANATION }),
      ...own,
    },
  );
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test('a pipe gets tables and no escape sequence', async () => {
  const { code, stdout, stderr } = await session({});
  assert.is(code, 0);
  assert.is(stderr, '');
  assert.not.ok(stdout.includes(ESCAPE));
  assert.not.ok(stdout.includes('\r'));
  assert.not.match(stdout, /resting|%/);
  assert.match(stdout, /on the backend "file-ring"/);
  assert.match(stdout, /file-ring +│ +1,048,576 +│ +128 +│/);
  assert.match(stdout, /fs\/promises +│ +1,048,576 +│ +128 +│/);
  assert.match(stdout, /verified: The SHA-256/);
  assert.match(stdout, /2 steps verified in \d+\.\d s\.\n$/);
});

test('a terminal gets a progress line, which is gone at the end', async () => {
  const { TERM } = process.env;
  process.env.TERM = 'xterm';
  try {
    const { stdout } = await session({ tty: true });
    assert.ok(stdout.includes(`\r${ESCAPE}[2KFile copy: making the file  0 %`));
    const screen = stdout.split('\n').map((line) => line.split('\r').at(-1));
    assert.not.match(screen.join('\n'), /%/);
  } finally {
    if (TERM === undefined) delete process.env.TERM;
    else process.env.TERM = TERM;
  }
});

test('a terminal that has colours gets them', async () => {
  for (const colours of [true, false]) {
    const { stdout } = await session({ tty: true, colours, steps: [calm] });
    assert.is(stdout.includes(`${ESCAPE}[32m`), colours);
  }
});

test('with --json there is one document and nothing else', async () => {
  for (const tty of [false, true]) {
    const { code, stdout, stderr } = await session({ json: true, tty });
    assert.is(code, 0);
    assert.is(stderr, '');
    const report = JSON.parse(stdout) as TourReport;
    assert.is(report.ok, true);
    assert.is(report.backend, 'file-ring');
    assert.is(report.node, process.version);
    assert.type(report.kernel, 'string');
    assert.type(report.seconds, 'number');
    assert.equal(
      report.steps.map(({ id, title, ok }) => ({ id, title, ok })),
      [
        { id: 'file-copy', title: 'File copy', ok: true },
        { id: 'calm', title: 'Calm', ok: true },
      ],
    );
    const copy = report.steps[0];
    assert.ok(copy?.ok);
    assert.type(copy.verified, 'string');
    assert.type(copy.seconds, 'number');
    assert.equal(
      copy.sides.map(({ by }) => by),
      ['file-ring', 'fs/promises'],
    );
    for (const { measures } of copy.sides) {
      assert.equal(Object.keys(measures), ['bytes', 'operations', 'seconds', 'operationsPerSecond']);
      assert.ok(Object.values(measures).every((value) => Number.isFinite(value) && value > 0));
    }
  }
});

test('a corrupted copy ends the tour with exit code 1 and names the step', async () => {
  const driver = fileRing({ afterRead: (bytes) => bytes.fill(0) });
  const openDriver = async () => ({ driver, explanation: EXPLANATION });
  const text = await session({ openDriver });
  assert.is(text.code, 1);
  assert.match(text.stdout, /failed: The copy by file-ring differs from the source/);
  assert.match(text.stdout, /The tour ended at the step "File copy", which failed\.\n$/);
  assert.not.match(text.stdout, /Calm|verified/);

  const json = await session({ openDriver, json: true });
  assert.is(json.code, 1);
  const report = JSON.parse(json.stdout) as TourReport;
  assert.is(report.ok, false);
  assert.is(report.steps.length, 1);
  const step = report.steps[0];
  assert.ok(step?.ok === false);
  assert.is(step.id, 'file-copy');
  assert.match(step.error.message, /differs from the source/);
});

test("a failed step's error keeps its code", async () => {
  const failing: TourStep = {
    ...calm,
    run: () => Promise.reject(Object.assign(new VerificationError('planted'), { code: 'EIO' })),
  };
  const { code, stdout } = await session({ steps: [failing, calm], json: true });
  assert.is(code, 1);
  const { steps } = JSON.parse(stdout) as TourReport;
  assert.equal(
    steps.map((step) => (step.ok ? undefined : step.error)),
    [{ message: 'planted', code: 'EIO' }],
  );
});

test('a driver that cannot be opened ends in one line on stderr and exit code 1', async () => {
  const openDriver = () => Promise.reject(new Error('There is no such backend. Use another.'));
  const { code, stdout, stderr } = await session({ openDriver });
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.is(stderr, 'polyring: There is no such backend. Use another.\n');
  const json = await session({ openDriver, json: true });
  assert.equal(JSON.parse(json.stdout), { ok: false, error: { message: 'There is no such backend. Use another.' } });
  assert.is(json.stderr, '');
});

test('a driver that is never open or never closed ends in one line on stderr and exit code 1', async () => {
  const never = () => new Promise<never>(() => {});
  const opening = await session({ openDriver: never, stallLimit: 50 });
  assert.equal(opening, { code: 1, stdout: '', stderr: 'polyring: The driver has been opening for 0.05 s.\n' });
  const driver = Object.assign(fileRing(), { close: never });
  const openDriver = async () => ({ driver, explanation: EXPLANATION });
  const closing = await session({ openDriver, steps: [calm], stallLimit: 50 });
  assert.equal([closing.code, closing.stderr], [1, 'polyring: The driver has been closing for 0.05 s.\n']);
});

test('the folder of the steps is there while they run and gone afterwards, whatever became of them', async () => {
  for (const fails of [false, true]) {
    let folder = '';
    const looking: TourStep = {
      ...calm,
      async run(context) {
        folder = context.folder;
        assert.equal(readdirSync(folder), []);
        if (fails) throw new Error('planted');
        return calm.run(context);
      },
    };
    assert.is((await session({ steps: [looking] })).code, fails ? 1 : 0);
    assert.throws(
      () => readdirSync(folder),
      (error: { code?: string }) => error.code === 'ENOENT',
    );
  }
});

test('why a backend was passed over is said', async () => {
  const explanation: Explanation = {
    ...EXPLANATION,
    candidates: [
      {
        name: 'other',
        priority: 2,
        outcome: 'passed-over',
        code: 'other-missing',
        reason: 'It is not there.',
        remedy: 'Get it.',
        exhausted: false,
      },
      ...EXPLANATION.candidates,
    ],
  };
  const openDriver = async () => ({ driver: fileRing(), explanation });
  assert.match((await session({ openDriver })).stdout, /^.*\nother: .*It is not there\. Get it\.\n\n/);
  const { stdout } = await session({ openDriver, json: true });
  assert.equal((JSON.parse(stdout) as TourReport).explanation, explanation);
});

test.run();
