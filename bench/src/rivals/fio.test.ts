import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fioSample } from './fio.js';

/** What fio prints of a job that read. */
function reportOf({ error = 0, short_ios = 0 }): string {
  const write = { total_ios: 0, short_ios: 0, iops: 0 };
  const read = { total_ios: 200, short_ios, iops: 400 };
  const job = { error, job_runtime: 500, usr_cpu: 30, sys_cpu: 20, read, write };
  return `fio: this and that\n${JSON.stringify({ jobs: [job] })}`;
}

test('reads that were short are errors, and of a job that failed all are', () => {
  assert.equal(fioSample(reportOf({})), { operations: 200, seconds: 0.5, cpuSeconds: 0.25, errors: 0 });
  assert.is(fioSample(reportOf({ short_ios: 3 })).errors, 3);
  assert.is(fioSample(reportOf({ error: 5 })).errors, 200);
});

test.run();
