import { spawnSync } from 'node:child_process';

/** Whether fio is installed. */
export function hasFio(): boolean {
  return spawnSync('fio', ['--version']).status === 0;
}

/** Random 4 KiB reads of a cached file by fio on io_uring, batched: operations a second. */
export function fioReads(path: string, depth: number, count: number): number {
  const size = String(depth);
  const { status, stdout, stderr } = spawnSync(
    'fio',
    [
      '--name=reads',
      `--filename=${path}`,
      '--readonly',
      '--rw=randread',
      '--bs=4k',
      `--number_ios=${count}`,
      '--io_size=1t',
      '--invalidate=0',
      '--ioengine=io_uring',
      '--thread',
      '--norandommap',
      '--gtod_reduce=1',
      `--iodepth=${size}`,
      `--iodepth_batch_submit=${size}`,
      '--iodepth_batch_complete_min=1',
      `--iodepth_batch_complete_max=${size}`,
      '--output-format=json',
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`fio failed: ${stderr}`);
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { jobs: [{ error: number; read: { iops: number } }] };
  const [job] = report.jobs;
  if (job.error !== 0) throw new Error(`fio reports error ${job.error}`);
  return job.read.iops;
}
