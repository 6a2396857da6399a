import { spawnSync } from 'node:child_process';
import { MissingRival } from '../missing-rival.js';
import { Child } from '../processes/child.js';
import type { Sample } from '../sample.js';
import type { Workshop } from '../workshop.js';
import type { Rival } from './rival.js';

/** What fio reports of a group of jobs, as far as it is used here. */
interface FioReport {
  readonly jobs: readonly [
    {
      readonly error: number;
      readonly job_runtime: number;
      readonly usr_cpu: number;
      readonly sys_cpu: number;
      readonly read: FioDirection;
      readonly write: FioDirection;
    },
  ];
}

interface FioDirection {
  readonly total_ios: number;
  readonly short_ios: number;
  readonly iops: number;
}

/** The version of fio that is installed; undefined without one. */
export function fioVersion(): string | undefined {
  const { status, stdout } = spawnSync('fio', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace(/^fio-/, '') : undefined;
}

/** The options that let fio do what a program does that submits and reaps up to `depth` at once. */
export function batched(depth: number): string[] {
  return [
    '--ioengine=io_uring',
    '--thread',
    '--norandommap',
    '--gtod_reduce=1',
    `--iodepth=${depth}`,
    `--iodepth_batch_submit=${depth}`,
    '--iodepth_batch_complete_min=1',
    `--iodepth_batch_complete_max=${depth}`,
  ];
}

/** fio, which is a limit rather than a rival: it checks errors and lengths, and no bytes. */
export function fio(name: string, options: (workshop: Workshop) => readonly string[]): Rival {
  return {
    name,
    async start(workshop) {
      if (fioVersion() === undefined) throw new MissingRival('fio is not installed: apt-get install fio');
      const args = [
        '--name=job',
        '--time_based',
        `--runtime=${workshop.milliseconds}ms`,
        '--bs=4k',
        '--invalidate=0',
        '--group_reporting',
        '--output-format=json',
        ...options(workshop),
      ];
      return { measure: () => measure(args, workshop), close: async () => {} };
    },
  };
}

async function measure(args: readonly string[], { milliseconds }: Workshop): Promise<Sample> {
  return fioSample(await new Child('fio', args, { milliseconds }).text());
}

/** What fio's report of one job says. A job that failed has done nothing right. */
export function fioSample(text: string): Sample {
  const [job] = (JSON.parse(text.slice(text.indexOf('{'))) as FioReport).jobs;
  const done = job.read.total_ios > 0 ? job.read : job.write;
  const seconds = done.total_ios / done.iops;
  return {
    operations: done.total_ios,
    seconds,
    cpuSeconds: ((job.usr_cpu + job.sys_cpu) / 100) * (job.job_runtime / 1e3),
    errors: job.error === 0 ? done.short_ios : done.total_ios,
  };
}
