import { type SystemErrorDetails, systemError } from '@polyring/core';
import { IORING_RSRC_REGISTER_SPARSE } from './abi.js';
import type { NativeRing } from './binding.js';
import { upperHalf } from './word.js';

/**
 * io_uring_register(2).
 *
 * @throws the system error of its refusal, with the details
 */
export function register(
  native: Pick<NativeRing, 'register'>,
  opcode: number,
  argument: NodeJS.TypedArray | null,
  count: number,
  details: SystemErrorDetails = {},
): void {
  const result = native.register(opcode, argument, count);
  if (result < 0) throw systemError(result, 'io_uring_register', details);
}

/** Registers a table whose places start out empty: `struct io_uring_rsrc_register`, with nr, flags, resv2, data, tags. */
export function registerSparse(native: Pick<NativeRing, 'register'>, opcode: number, places: number): void {
  const argument = Uint32Array.of(places, IORING_RSRC_REGISTER_SPARSE, 0, 0, 0, 0, 0, 0);
  register(native, opcode, argument, argument.byteLength);
}

/** `struct io_uring_buf_reg`: ring_addr, ring_entries, bgid and flags, resv[3]. */
export function bufReg(address: number, entries: number, group: number, flags: number): Uint32Array {
  return Uint32Array.of(address, upperHalf(address), entries, group | (flags << 16), 0, 0, 0, 0, 0, 0);
}
