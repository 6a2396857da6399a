// timeout: 900
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = fileURLToPath(new URL('../../../scripts/try-packed.mjs', import.meta.url));
const JUDGE = ['npx', '--no-install', 'polyring-testkit', 'polyring-backend-poll'];
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** What this test reads of the kit's report. */
interface Report {
  readonly ok: boolean;
  readonly driver: { readonly name: string };
  readonly chosen: number;
  readonly known: number;
  readonly isolated: boolean;
  readonly results: readonly {
    readonly id: string;
    readonly class: string;
    readonly outcome: string;
    readonly error?: { readonly message: string };
  }[];
}

/** Packs and installs outside of the workspace, and judges there. */
async function judgePacked(file: string): Promise<Report> {
  const command = [SCRIPT, '--', ...JUDGE, '--reporter', 'json', '--out', file];
  // What a checkout has installed is in npm's cache, and need not be asked for again.
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  const run = promisify(execFile)(process.execPath, command, { env, maxBuffer: OUTPUT_LIMIT });
  const failure = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure !== undefined && !existsSync(file)) throw failure;
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

test('the packed command, outside of the workspace, finds that the packed example keeps the contract', async () => {
  const report = await judgePacked(join(temporaryDirectory(), 'report.json'));
  const failed = report.results.filter((result) => result.outcome === 'failed' && result.class === 'required');
  assert.equal(
    failed.map(({ id, error }) => `${id}: ${error?.message}`),
    [],
  );
  assert.equal([report.ok, report.driver.name, report.isolated], [true, 'poll', true]);
  assert.is(report.chosen, report.known);
});

test.run();
