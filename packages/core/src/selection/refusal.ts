import { OPCODES, opcodeName } from '../io-uring/opcodes.js';
import { explainError } from './explanation.js';
import type { Unavailable } from './factory.js';

/** Error codes that say that the machine, or how Node.js was started, does not grant what a backend needs. */
const REFUSED = new Set([
  'ENOSYS',
  'EPERM',
  'EACCES',
  'EINVAL',
  'ERR_DLOPEN_DISABLED',
  'ERR_DLOPEN_FAILED',
  'ERR_EXTERNAL_BUFFERS_REFUSED',
  'ERR_MODULE_NOT_FOUND',
  'ERR_POLYRING_ADDON',
  'ERR_POLYRING_UNSUPPORTED',
  'MODULE_NOT_FOUND',
]);

/** Error codes that say that something ran out, each with the remedy. */
const EXHAUSTED: ReadonlyMap<string, string> = new Map([
  ['ENOMEM', 'Raise RLIMIT_MEMLOCK (ulimit -l) or the memory limit of the container, or ask for smaller sizes.'],
  ['EMFILE', 'Raise RLIMIT_NOFILE (ulimit -n), or close what is not needed.'],
  ['ENFILE', 'Raise the sysctl fs.file-max.'],
]);

/** Why a backend could not be loaded. Undefined for an error that is a fault and not a refusal. */
export function refusalToLoad(error: unknown): Unavailable | undefined {
  return explain(error, {
    code: 'backend-not-loadable',
    reason: 'It cannot be loaded',
    remedy: 'Install its package, and let its install script run if it has an addon.',
  });
}

/** Why a backend could not make a driver. Undefined for an error that is a fault and not a refusal. */
export function refusalToCreate(error: unknown): Unavailable | undefined {
  return explain(error, {
    code: 'backend-refused',
    reason: 'It could not make a driver',
    remedy: 'Grant what the call that failed needs.',
  });
}

/** Why a driver that was made is of no use: it lacks opcodes. */
export function lacksOpcodes(missing: readonly number[], hasRing: boolean): Unavailable {
  const shown = missing.map((opcode) => {
    const since = OPCODES[opcode]?.since;
    return since === undefined ? opcodeName(opcode) : `${opcodeName(opcode)} (Linux ${since})`;
  });
  return {
    available: false,
    exhausted: false,
    code: 'opcode-missing',
    reason: `Its driver does not support ${shown.join(', ')}.`,
    remedy: hasRing
      ? 'Use a kernel that has it, or do not require it.'
      : 'Choose a backend on io_uring, or do not require it.',
  };
}

function explain(
  error: unknown,
  refused: { readonly code: string; readonly reason: string; readonly remedy: string },
): Unavailable | undefined {
  const { code = '', message } = explainError(error);
  const reason = `${refused.reason}: ${firstLine(message)}.`;
  const shortage = EXHAUSTED.get(code);
  if (shortage !== undefined) {
    return { available: false, exhausted: true, code: 'backend-exhausted', reason, remedy: shortage, cause: error };
  }
  if (!REFUSED.has(code)) return undefined;
  return { available: false, exhausted: false, code: refused.code, reason, remedy: refused.remedy, cause: error };
}

/** The first line of an error's message, without the full stop. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/[.:]$/, '');
}
