/** The bytes of `struct msghdr` on machines of 64 bits. */
export const MSGHDR_SIZE = 56;

/** Where the fields of `struct msghdr` stand, in bytes. */
export const MSGHDR = {
  name: 0,
  nameLength: 8,
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
} as const;

/** Writes a `size_t`. */
export function writeWord(fields: DataView, at: number, value: number): void {
  fields.setBigUint64(at, BigInt(value), true);
}
