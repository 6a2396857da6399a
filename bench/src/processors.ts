import { readFileSync } from 'node:fs';

/** The processors that this thread may run on. */
export function allowedProcessors(): number[] {
  const [, list = '0'] = readFileSync('/proc/thread-self/status', 'utf8').match(/^Cpus_allowed_list:\s*(.*)$/m) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
