import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/** How many descriptors this process has open, with the one that reads the list. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The open descriptors of this process that lead to something as `/proc/self/fd` tells it: `pipe:[7]`, a path. */
export function openDescriptorsTo(target: RegExp | string): number[] {
  const fits = (link: string) => (typeof target === 'string' ? link === target : target.test(link));
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fits(linkOf(fd)));
}

/** Whether the kernel closes a descriptor where another program is executed. */
export function isCloseOnExec(fd: number): boolean {
  const [, flags = ''] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
}

/** Empty for the descriptor that read the list. */
function linkOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
