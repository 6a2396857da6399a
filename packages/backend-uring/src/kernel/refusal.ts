import { explainError, type SystemError, type Unavailable } from '@polyring/core';
import { AddonError } from '@polyring/sys';
import type { Machine } from './machine.js';

/** Explains why io_uring is refused, from the error of the attempt and from what the machine says of itself. */
export function explainRefusal(error: unknown, machine: Machine): Unavailable {
  // What the loader of an addon said tells more than that the addon could not be loaded.
  const told = error instanceof AddonError ? error.cause : error;
  const remedy = error instanceof AddonError ? error.remedy : undefined;
  return { available: false, exhausted: false, ...reasonFor(told, machine, remedy), cause: told };
}

/** An error of making a driver; that of a system which refuses rings says why as well, and what to do about it. */
export function withReason(error: unknown, machine: Machine): unknown {
  const { errno, code, syscall, message } = error as SystemError;
  if (syscall !== 'io_uring_setup') return error;
  const { reason, remedy, exhausted } = explainRefusal(error, machine);
  if (exhausted) return error;
  return Object.assign(new Error(`${message}. ${reason} ${remedy}`, { cause: error }), { errno, code, syscall });
}

/** Explains that the addon of `@polyring/sys` is missing, which a driver watches its ring with. */
export function explainSysAddon(error: AddonError): Unavailable {
  return {
    available: false,
    exhausted: false,
    code: 'uring-sys-addon-missing',
    reason: 'The native addon of @polyring/sys could not be loaded.',
    remedy: error.remedy,
    cause: error,
  };
}

type Reason = Pick<Unavailable, 'code' | 'reason' | 'remedy'> & { readonly exhausted?: true };

const DISABLED = '/proc/sys/kernel/io_uring_disabled';
const CALLS = 'io_uring_setup, io_uring_enter and io_uring_register';

/** @param remedy what to do about an addon that could not be loaded */
function reasonFor(error: unknown, machine: Machine, remedy: string | undefined): Reason {
  const { code, message } = explainError(error);
  switch (code) {
    case 'ENOSYS':
      // A kernel that has the sysctl, as they do from Linux 6.6 on, has io_uring: it is not the kernel that answers so.
      return machine.readText(DISABLED) === undefined ? absent() : denied(machine, code);
    case 'EPERM':
    case 'EACCES':
      return disabled(machine) ?? denied(machine, code);
    case 'EINVAL':
      return tooOld(machine) ?? denied(machine, code);
    case 'ENOMEM':
      return {
        exhausted: true,
        code: 'uring-no-memory',
        reason: 'The kernel granted no memory for the smallest ring (ENOMEM).',
        remedy: 'Raise RLIMIT_MEMLOCK (ulimit -l) or the memory limit of the container.',
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        exhausted: true,
        code: 'uring-no-descriptor',
        reason: `No descriptor is left for the ring (${code}).`,
        remedy:
          code === 'EMFILE'
            ? 'Raise RLIMIT_NOFILE (ulimit -n), or close what is not needed.'
            : 'Raise the sysctl fs.file-max.',
      };
    case 'ERR_ACCESS_DENIED':
    case 'ERR_DLOPEN_DISABLED':
      return {
        code: 'uring-addon-forbidden',
        reason: 'Node.js may not load addons (--no-addons or the permission model).',
        remedy: 'Start Node.js without --no-addons, or with --allow-addons and --allow-fs-read for the packages.',
      };
    case 'ERR_EXTERNAL_BUFFERS_REFUSED':
      return {
        code: 'uring-external-buffers-refused',
        reason: 'This runtime refuses ArrayBuffers over mapped memory, as Electron does.',
        remedy: 'Use Node.js.',
      };
    default:
      return remedy === undefined ? denied(machine, code ?? message) : addonTrouble(message, remedy);
  }
}

function absent(): Reason {
  return {
    code: 'uring-not-in-kernel',
    reason: 'The kernel has no io_uring, or a sandbox or a seccomp filter hides it (ENOSYS).',
    remedy:
      'Use Linux 5.19 or later built with CONFIG_IO_URING, outside of a sandbox such as gVisor, and with a seccomp ' +
      `profile that allows ${CALLS}.`,
  };
}

function tooOld({ release }: Machine): Reason | undefined {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  if (major > 5 || (major === 5 && minor >= 19)) return undefined;
  return {
    code: 'uring-kernel-too-old',
    reason: `The kernel ${release} is older than Linux 5.19.`,
    remedy: 'Use Linux 5.19 or later.',
  };
}

function disabled(machine: Machine): Reason | undefined {
  const value = machine.readText(DISABLED);
  if (value === '2') {
    return {
      code: 'uring-disabled-by-sysctl',
      reason: 'The sysctl kernel.io_uring_disabled is 2: io_uring is off for everybody.',
      remedy: 'Set kernel.io_uring_disabled to 0, or to 1 with this user in the group kernel.io_uring_group.',
    };
  }
  if (value === '1') {
    const group = machine.readText('/proc/sys/kernel/io_uring_group') ?? '-1';
    return {
      code: 'uring-disabled-for-group',
      reason: `The sysctl kernel.io_uring_disabled is 1, and this process is not in the group kernel.io_uring_group (${group}).`,
      remedy: 'Add the user to that group, grant CAP_SYS_ADMIN, or set kernel.io_uring_disabled to 0.',
    };
  }
  return undefined;
}

/** Something between the process and io_uring answers, by an error of its own choice. */
function denied(machine: Machine, code: string): Reason {
  if (/^Seccomp:\s*[12]$/m.test(machine.readText('/proc/self/status') ?? '')) {
    return {
      code: 'uring-denied-by-seccomp',
      reason: `A seccomp filter denies io_uring (${code}), as container runtimes do by default.`,
      remedy: `Run with a seccomp profile that allows ${CALLS}.`,
    };
  }
  return {
    code: 'uring-denied',
    reason: `The system denies io_uring (${code}), by a security module or a policy that does not show itself.`,
    remedy: 'Ask the security policy of this machine (SELinux, AppArmor) to allow io_uring.',
  };
}

function addonTrouble(message: string, remedy: string): Reason {
  return {
    code: 'uring-addon-missing',
    reason: `The addon of @polyring/backend-uring cannot be loaded: ${message.split('\n', 1)[0]}.`,
    remedy,
  };
}
