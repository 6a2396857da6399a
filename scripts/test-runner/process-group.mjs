import { readdirSync, readFileSync } from 'node:fs';

/**
 * The living members of a process group, read from /proc. Zombies do not count: where nobody reaps orphans they stay
 * for ever and harm no one.
 *
 * @param {number} group The group's id.
 * @returns {{ pid: number, name: string }[]}
 */
export function groupMembers(group) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const [, name, state, ofGroup] = readStat(entry)?.match(/\((.*)\) (\S) \d+ (\d+)/s) ?? [];
      return Number(ofGroup) === group && state !== 'Z' ? [{ pid: Number(entry), name }] : [];
    });
}

/**
 * Sends a signal to every member of a process group; a group that has gone is no error.
 *
 * @param {number} group
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function readStat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
