/** What the upper half of a word of 64 bits counts. */
export const TWO_TO_32 = 2 ** 32;

/** The upper 32 of a number's 64 bits, for numbers below 2^53. Arrays of 32 bits take the lower ones of the number itself. */
export function upperHalf(value: number): number {
  return Math.floor(value / TWO_TO_32) | 0;
}

/** Writes 64 bits without the detour of a BigInt. */
export function writeWord(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % TWO_TO_32, at);
  bytes.writeUInt32LE(upperHalf(value), at + 4);
}
