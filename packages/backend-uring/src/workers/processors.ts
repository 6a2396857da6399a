import { readFileSync } from 'node:fs';
import { checkInteger, invalidArgType, outOfRange } from '@polyring/core';

/** More than any machine has. */
const MOST_PROCESSORS = 8192;

/** The processors that this thread may use, as the kernel lists them: `0-3,8`. */
function allowedList(): string {
  return /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1] ?? '';
}

function isListed(processor: number, list: string): boolean {
  return list.split(',').some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return processor >= (first as number) && processor <= (last as number);
  });
}

/**
 * A `cpu_set_t` of processors. The kernel drops processors that it does not know, and takes an empty set without
 * a word, so that they are checked here.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE
 */
export function processorMask(processors: readonly number[]): Uint8Array {
  if (!Array.isArray(processors)) throw invalidArgType('processors', 'an array of numbers or undefined', processors);
  if (processors.length === 0) throw outOfRange('processors.length', '>= 1', 0);
  const allowed = allowedList();
  for (const processor of processors) {
    checkInteger(processor, 'processors[]', 0, MOST_PROCESSORS - 1);
    if (!isListed(processor, allowed)) throw outOfRange('processors[]', `one of ${allowed}`, processor);
  }
  const mask = new Uint8Array(Math.max(8, Math.ceil((Math.max(...processors) + 1) / 8)));
  for (const processor of processors) {
    const at = processor >> 3;
    mask[at] = (mask[at] as number) | (1 << (processor & 7));
  }
  return mask;
}
