import { readdirSync, readlinkSync } from 'node:fs';

/** The open descriptors of this process, each with what it leads to, from `/proc/self/fd`. */
export function openDescriptors(): Map<number, string> {
  const open = new Map<number, string>();
  for (const name of readdirSync('/proc/self/fd')) {
    const target = targetOf(name);
    if (target !== undefined) open.set(Number(name), target);
  }
  return open;
}

/** How the open descriptors differ from an earlier list, in words; empty if they do not. */
export function changedSince(baseline: ReadonlyMap<number, string>): string[] {
  const open = openDescriptors();
  const changes: string[] = [];
  for (const [fd, target] of open) {
    if (baseline.get(fd) !== target) changes.push(`${fd} -> ${target} was left open`);
  }
  for (const [fd, target] of baseline) {
    if (!open.has(fd)) changes.push(`${fd} -> ${target} was closed, and was not the rule's`);
  }
  return changes;
}

/** Undefined for the descriptor that listing the directory itself used. */
function targetOf(name: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    return undefined;
  }
}
