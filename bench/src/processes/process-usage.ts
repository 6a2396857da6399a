import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used up to now, as /proc tells it: all its threads, those of io_uring included. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** How often its threads went to sleep: as often they were woken. */
  readonly sleeps: number;
}

/** See {@link ProcessUsage}. Threads that have ended are left out. */
export function usageOf(pid: number): ProcessUsage {
  let cpuSeconds = 0;
  let sleeps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    cpuSeconds += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
    const [, count] = readFileSync(`${folder}/status`, 'utf8').match(/^voluntary_ctxt_switches:\s*(\d+)$/m) ?? [];
    sleeps += Number(count);
  }
  return { cpuSeconds, sleeps };
}
