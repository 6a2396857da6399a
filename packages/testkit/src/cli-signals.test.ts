import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCK, faultyBackend } from './faulty-backend.test-support.js';
import type { KitReport } from './report/report.js';
import { startCommand } from './run-command.test-support.js';

/** The backend writes its process id to this pipe and blocks as soon as a rule makes a timer. */
const pipe = join(temporaryDirectory(), 'pipe');
execFileSync('mkfifo', [pipe]);
const backend = faultyBackend({ newTimer: `writeFileSync(process.env.TEST_PIPE, String(process.pid)); ${BLOCK}` });

/** The first makes no timer. Both run at the same time, and the first may have its result when the second blocks. */
const RULES = ['--rules', '{readiness.earlier-event,timer.past-ready}'];

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends the processes of the rules, tells what is known and exits with ${code}`, async () => {
    const [child, ended] = startCommand([backend, ...RULES, '--reporter', 'json', '--concurrency', '2'], {
      TEST_PIPE: pipe,
    });
    const blocked = Number(await readFile(pipe, 'utf8'));
    child.kill(signal);
    const { code: exitCode, stdout, stderr } = await ended;
    assert.equal([exitCode, stderr], [code, '']);
    const report = JSON.parse(stdout) as KitReport & { ok: boolean };
    assert.equal([report.ok, report.interrupted], [false, signal]);
    for (const { id, outcome } of report.results) assert.equal([id, outcome], ['readiness.earlier-event', 'passed']);
    assert.ok(hasEnded(blocked));
  });
}

test('SIGKILL ends the processes of the rules too', async () => {
  const [child, ended] = startCommand([backend, ...RULES], { TEST_PIPE: pipe });
  const blocked = Number(await readFile(pipe, 'utf8'));
  child.kill('SIGKILL');
  await ended;
  while (!hasEnded(blocked)) await new Promise((resolve) => setImmediate(resolve));
});

test.run();
