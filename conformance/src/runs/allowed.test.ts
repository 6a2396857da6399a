// timeout: 300
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allowedDrivers } from '../allowed/drivers.js';

const KIT = fileURLToPath(new URL('../../../packages/testkit/dist/cli.js', import.meta.url));
const SUBJECT = fileURLToPath(new URL('../subject.js', import.meta.url));

/** What the whole kit says of a driver; empty if it convicts it of nothing. */
async function complaintsOf(name: string): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [KIT, `${SUBJECT}?allowed=${name}`, '--in-process']);
    return '';
  } catch (error) {
    const { message, stdout } = error as Error & { stdout: string };
    return `${message}\n${stdout}`;
  }
}

// They wait most of the time, so all of them run at once. A rule that finds the thread awake looks again, so that the
// others' work convicts nobody.
const runs = Object.keys(allowedDrivers).map((name) => ({ name, run: complaintsOf(name) }));

for (const { name, run } of runs) {
  test(`the kit accepts the driver "${name}"`, async () => {
    const complaints = await run;
    assert.ok(complaints === '', complaints);
  });
}

test.run();
