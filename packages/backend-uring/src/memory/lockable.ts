import { type Machine, thisMachine } from '../kernel/machine.js';

const CAP_IPC_LOCK = 14n;
/** The user namespace that the kernel asks for capabilities: that of a machine, not of a container with users of its own. */
const ALL_USERS = /^\s*0\s+0\s+4294967295\s*$/;

/** Bytes that the kernel lets the processes of this user lock (RLIMIT_MEMLOCK, getrlimit(2)); 0 where it is not known. */
export function lockableBytes(machine: Pick<Machine, 'readText'> = thisMachine): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(machine.readText('/proc/self/status') ?? '')?.[1] ?? '0';
  const mayLockAll = ((BigInt(`0x${capabilities}`) >> CAP_IPC_LOCK) & 1n) === 1n;
  if (mayLockAll && ALL_USERS.test(machine.readText('/proc/self/uid_map') ?? '')) return Number.POSITIVE_INFINITY;
  const limit = /^Max locked memory\s+(\S+)/m.exec(machine.readText('/proc/self/limits') ?? '')?.[1];
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit ?? 0);
}
