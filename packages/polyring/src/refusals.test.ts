import { readFileSync } from 'node:fs';
import type { CandidateExplanation, Explanation } from '@polyring/core';
import { compileIoUringDenial, onlyReading } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DoctorReport } from './doctor/report.js';
import { runModule, runPolyring, type Start } from './run-process.test-support.js';

interface Outcome {
  readonly explanation?: Explanation;
  readonly code?: string;
  readonly causeCode?: string;
  readonly uid: number;
  /** What a timer of the driver waited, in milliseconds. */
  readonly waited?: number;
}

const DENIED = { launcher: [compileIoUringDenial()] };

/** Makes a driver in a process, waits for a timer on it, and tells how it was selected. */
function select(options: object, start: Start = {}, before = '', flags: readonly string[] = []): Promise<Outcome> {
  return runModule<Outcome>(
    `${before}
    const outcome = { uid: process.geteuid() };
    try {
      const { driver, explanation } = await polyring.createDriver(${JSON.stringify(options)});
      const start = polyring.now();
      const timer = driver.newDynTimer();
      await new Promise((resolve) => {
        const poll = () => timer.pollTimer(poll) === polyring.Pending || resolve();
        timer.setDeadline(start + 2);
        poll();
      });
      outcome.waited = polyring.now() - start;
      timer[Symbol.dispose]();
      await driver.close();
      outcome.explanation = explanation;
    } catch (error) {
      if (!polyring.isPolyringError(error)) throw error;
      Object.assign(outcome, { code: error.code, explanation: error.explanation, causeCode: error.cause?.code });
    } finally {
      if (typeof release === 'function') release();
    }
    console.log(JSON.stringify(outcome));`,
    start,
    flags,
  );
}

function verdicts({ explanation }: Outcome): readonly string[] {
  return (explanation?.candidates ?? []).map((candidate: CandidateExplanation) =>
    candidate.outcome === 'passed-over' ? candidate.code : candidate.outcome,
  );
}

function works(outcome: Outcome): void {
  assert.ok(outcome.waited !== undefined && outcome.waited >= 2, JSON.stringify(outcome));
}

/** The sysctl that keeps io_uring from everybody, by 2, or from who is not in its group, by 1. */
function ioUringDisabled(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/io_uring_disabled', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Where the sysctl keeps io_uring from somebody it is the reason that is told, and not the filter. */
const underFilter = ['1', '2'].includes(ioUringDisabled() ?? '0') ? test.skip : test;

underFilter('under a seccomp filter that denies io_uring epoll is taken, and the filter is the reason', async () => {
  for (const backend of ['auto', 'uring']) {
    const outcome = await select({ backend }, DENIED);
    assert.equal(verdicts(outcome), ['uring-denied-by-seccomp', 'taken']);
    assert.is(outcome.explanation?.taken, 'epoll');
    const [uring] = outcome.explanation?.candidates ?? [];
    assert.ok(uring?.outcome === 'passed-over');
    assert.is(uring.error?.code, 'EPERM');
    assert.match(uring.remedy, /seccomp profile that allows io_uring_setup, io_uring_enter and io_uring_register/);
    works(outcome);
  }
});

test('a filter that answers as a kernel without io_uring does is told as a reason', async () => {
  // The sysctl tells that the kernel has it.
  const reason = ioUringDisabled() === undefined ? 'uring-not-in-kernel' : 'uring-denied-by-seccomp';
  const outcome = await select({ backend: 'uring' }, { launcher: [compileIoUringDenial('ENOSYS')] });
  assert.equal(verdicts(outcome), [reason, 'taken']);
  const [uring] = outcome.explanation?.candidates ?? [];
  assert.match(uring?.outcome === 'passed-over' ? uring.remedy : '', /seccomp profile that allows io_uring_setup/);
});

underFilter('under the filter a strict choice of io_uring is an error with the same reason', async () => {
  const outcome = await select({ backend: 'uring', strict: true }, DENIED);
  assert.is(outcome.code, 'ERR_POLYRING_BACKEND_UNAVAILABLE');
  assert.is(outcome.causeCode, 'EPERM');
  assert.equal(verdicts(outcome), ['uring-denied-by-seccomp', 'not-tried']);
});

underFilter('under the filter the doctor tells reason and remedy, and no operation as supported', async () => {
  const { code, stdout, stderr } = await runPolyring(['doctor', '--json'], DENIED);
  assert.equal([code, stderr], [0, '']);
  const report = JSON.parse(stdout) as DoctorReport;
  const [uring, epoll] = report.backends;
  assert.ok(uring?.available === false && epoll?.available === true);
  assert.equal([uring.code, uring.error?.code], ['uring-denied-by-seccomp', 'EPERM']);
  assert.is(report.auto.explanation?.taken, 'epoll');
  assert.not.ok(report.opcodes.some(({ supported }) => supported));
});

test('with the kill switch epoll is taken, and the switch is the reason', async () => {
  const outcome = await select({ backend: 'uring' }, { env: { POLYRING_DISABLE_URING: '1' } });
  assert.equal(verdicts(outcome), ['uring-kill-switch', 'taken']);
  works(outcome);
});

test('an ordinary user gets a driver that works, without a config file that can be read', async () => {
  const before = `
    for (const backend of polyring.builtInBackends) (await backend.load()).availability();
    if (process.geteuid() === 0) {
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
    }
    process.chdir('/');`;
  const outcome = await select({}, {}, before);
  assert.not.equal(outcome.uid, 0);
  works(outcome);
  if (ioUringDisabled() === '1') assert.is(outcome.explanation?.taken, 'epoll');
  else assert.equal(verdicts(outcome), verdicts(await select({})));
});

test('a process that is out of descriptors gets an error and not another backend', async () => {
  const launcher = ['sh', '-c', 'ulimit -n 512 && exec "$0" "$@"'];
  const before = `
    import { closeSync, openSync } from 'node:fs';
    for (const backend of polyring.builtInBackends) (await backend.load()).availability();
    await import('node:process');
    const taken = [];
    try { for (;;) taken.push(openSync('/dev/null')); } catch {}
    const release = () => { for (const fd of taken) closeSync(fd); };`;
  const outcome = await select({ configFile: false }, { launcher }, before);
  assert.is(outcome.code, 'ERR_POLYRING_BACKEND_UNAVAILABLE');
  assert.is(outcome.causeCode, 'EMFILE');
  assert.is(
    outcome.explanation?.candidates.find(({ outcome }) => outcome === 'taken'),
    undefined,
  );
  const last = outcome.explanation?.candidates.filter(({ outcome }) => outcome === 'passed-over').at(-1);
  assert.ok(last?.outcome === 'passed-over' && last.exhausted);
});

test('where Node.js may not load addons no backend is available, and the error says so of each', async () => {
  for (const flags of [['--no-addons'], onlyReading()]) {
    const outcome = await select({ configFile: false }, {}, '', flags);
    assert.is(outcome.code, 'ERR_POLYRING_BACKEND_UNAVAILABLE');
    assert.equal(verdicts(outcome), ['uring-addon-forbidden', 'epoll-addon-missing']);
    const [uring] = outcome.explanation?.candidates ?? [];
    assert.is(uring?.outcome === 'passed-over' && uring.error?.code, 'ERR_DLOPEN_DISABLED');
  }
});

test('where the permission model allows addons and nothing else but reading the application the same is taken as without it', async () => {
  for (const backend of ['auto', 'epoll']) {
    const outcome = await select({ backend, configFile: false }, {}, '', [...onlyReading(), '--allow-addons']);
    // Why a ring is denied, where it is, stands in files that may not be read then.
    assert.is(outcome.explanation?.taken, (await select({ backend, configFile: false })).explanation?.taken);
    works(outcome);
  }
});

test.run();
