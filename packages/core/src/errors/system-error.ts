import { getSystemErrorMap } from 'node:util';
import { KERNEL_ERRORS } from './kernel-errors.js';

/** What libuv has no name and no text for, such as ETIME of an expired timeout. */
const UNKNOWN_TO_LIBUV: ReadonlyMap<number, readonly [name: string, text: string]> = new Map(
  Object.entries(KERNEL_ERRORS).map(([name, [number, text]]) => [-number, [name, text]]),
);

/** An error of the kernel in Node's form. */
export interface SystemError extends Error {
  /** The name of the error number, such as `EBADF`. */
  readonly code: string;
  /** The negative error number, as in Node. */
  readonly errno: number;
  /** The call that failed. */
  readonly syscall: string;
  /** The descriptor it was made on. */
  readonly fd?: number;
  /** The path it was made on. */
  readonly path?: string;
  /** The second path it was made on. */
  readonly dest?: string;
  /** The address of IP it was made for. */
  readonly address?: string;
  /** The port of that address. */
  readonly port?: number;
}

/** What a {@link SystemError} may carry besides its number and call. */
export interface SystemErrorDetails extends Pick<SystemError, 'fd' | 'path' | 'dest' | 'address' | 'port'> {
  readonly cause?: unknown;
}

/**
 * Makes an error of the kernel in Node's form.
 *
 * @param errno the error number, negative as the kernel and Node give it
 * @param syscall the call that failed, such as `read`
 */
export function systemError(errno: number, syscall: string, details: SystemErrorDetails = {}): SystemError {
  const known = getSystemErrorMap().get(errno) ?? UNKNOWN_TO_LIBUV.get(errno);
  const [code, text] = known ?? [`ERRNO_${-errno}`, 'unknown error'];
  const { cause, ...fields } = details;
  const error = new Error(
    `${code}: ${text}, ${syscall}${whereOf(fields)}`,
    cause === undefined ? undefined : { cause },
  );
  return Object.assign(error, { errno, code, syscall }, fields) as SystemError;
}

function whereOf({ path, dest, address, port }: SystemErrorDetails): string {
  if (address !== undefined) return ` ${address}:${port}`;
  const from = path === undefined ? '' : ` '${path}'`;
  return dest === undefined ? from : `${from} -> '${dest}'`;
}
